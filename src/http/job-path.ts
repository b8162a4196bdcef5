/**
 * Job ids may contain slashes. Clients of the wire send them percent-encoded, some raw: "/v1/job/team/web/plan" is the
 * plan of "team/web". Raw slashes are encoded before routing; only a known last segment is not part of the id.
 */

const BELOW_JOB = new Set([
  'plan',
  'versions',
  'allocations',
  'evaluations',
  'deployments',
  'deployment',
  'summary',
  'evaluate',
  'revert',
  'stable',
  'scale',
  'hcl',
]);

/** How many of the last segments are not part of the id; of a tag there are three: "versions/<tag>/tag". */
function belowCount(segments: readonly string[]): number {
  if (segments.at(-1) === 'tag' && segments.at(-3) === 'versions') return 3;
  return BELOW_JOB.has(segments.at(-1) ?? '') ? 1 : 0;
}

export function withOneSegmentJobId(url: string): string {
  const [, start, path = '', query = ''] = /^(\/v1\/job\/)([^?]*)(\?.*)?$/s.exec(url) ?? [];
  if (start === undefined || !path.includes('/')) return url;
  const segments = path.split('/');
  const below = segments
    .splice(segments.length - belowCount(segments))
    .map((segment) => `/${segment}`)
    .join('');
  return `${start}${segments.join('%2F')}${below}${query}`;
}
