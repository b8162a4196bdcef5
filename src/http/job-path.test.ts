import { expect, it } from 'vitest';
import { withOneSegmentJobId } from './job-path.ts';

it.each([
  ['/v1/job/web', '/v1/job/web'],
  ['/v1/job/web/plan', '/v1/job/web/plan'],
  ['/v1/job/team%2Fweb/plan?x=1', '/v1/job/team%2Fweb/plan?x=1'],
  ['/v1/job/team/web', '/v1/job/team%2Fweb'],
  ['/v1/job/team/web/versions?diffs=true', '/v1/job/team%2Fweb/versions?diffs=true'],
  ['/v1/job/a/b/versions/golden/tag', '/v1/job/a%2Fb/versions/golden/tag'],
  ['/v1/job/web/versions/golden/tag', '/v1/job/web/versions/golden/tag'],
  ['/v1/job/a/b/c/allocations', '/v1/job/a%2Fb%2Fc/allocations'],
  ['/v1/job/a/b/hcl?version=3', '/v1/job/a%2Fb/hcl?version=3'],
  ['/v1/jobs?prefix=a/b', '/v1/jobs?prefix=a/b'],
])('%s is routed as %s', (url, routed) => {
  expect(withOneSegmentJobId(url)).toBe(routed);
});
