/** Ids of apps and groups: paths of segments. A relative one counts from the group that it stands in. */

/** The form of ids in requests: slashes collapsed, one at the beginning, none at the end. "/" is the root group. */
export const toPath = (id: string): string => `/${segmentsOf(id).join('/')}`;

export const segmentsOf = (id: string): string[] => id.split('/').filter((segment) => segment !== '');

/**
 *   web      in /shop   → /shop/web
 *   ../db    in /shop   → /db
 *   /db      in /shop   → /db
 */
export function resolveId(id: string, group: string): string {
  const segments = id.startsWith('/') ? [] : segmentsOf(group);
  for (const segment of segmentsOf(id)) {
    if (segment === '..') segments.pop();
    else if (segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

/** The group that an app or a group stands in; of the root itself, the root. */
export const groupOf = (id: string): string => `/${segmentsOf(id).slice(0, -1).join('/')}`;

/** Whether `id` is the group or stands in it, however deep. */
export const isWithin = (id: string, group: string): boolean =>
  group === '/' || id === group || id.startsWith(`${group}/`);

const SEGMENT = /^(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$|^\.{1,2}$/;

/** undefined: the id is fine. */
export function idProblem(id: string): string | undefined {
  const segments = segmentsOf(id);
  if (segments.length === 0) return 'Path must contain at least one path element';
  const isValid = segments.every((segment) => SEGMENT.test(segment));
  return isValid
    ? undefined
    : `must fully match regular expression '${SEGMENT.source}' in each part between slashes: lower-case letters, digits and inner hyphens`;
}

/** The job of an app: its path without the slash at the beginning. */
export const jobIdOf = (appId: string): string => segmentsOf(appId).join('/');

export const appIdOf = (jobId: string): string => toPath(jobId);
