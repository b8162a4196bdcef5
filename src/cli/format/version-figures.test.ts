import { expect, it } from 'vitest';
import { plainStyle } from './style.ts';
import { formatDeploymentTraffic } from './version-figures.ts';

const NOW_MS = 1_700_000_000_000;
const view = { nowMs: NOW_MS, style: plainStyle };

it('a deployment shows the old version beside the new one, and what reached nobody', () => {
  const shared = { Backend: 'default/web/web', SinceMs: NOW_MS - 60_000, InFlight: 2, BytesIn: 2048, BytesOut: 10 };
  const old = { ...shared, Version: 3, Pools: ['stable'], Requests: 5700, Errors: 0, RequestsPerSecond: 95 };
  const LatencyMs = { P50: 1.23, P95: 45.6, P99: 1234 };
  const young = { ...shared, Version: 4, Pools: ['canary'], Requests: 300, Errors: 6, RequestsPerSecond: 5, LatencyMs };
  expect(formatDeploymentTraffic({ Versions: [old, young], Unserved: 3 }, 4, view)).toBe(
    [
      'Requests',
      'Service  Version  Pool    Per second  Requests  Failed     In flight  p50    p95   p99   In     Out   Since',
      'web      3        stable  95.0        5700      0          2          -      -     -     2 KiB  10 B  1m ago',
      'web      4 (new)  canary  5.0         300       6 (2.00%)  2          1.2ms  46ms  1.2s  2 KiB  10 B  1m ago',
      '3 requests reached no instance',
    ].join('\n'),
  );
});

it('a deployment without requests says nothing of them', () => {
  expect(formatDeploymentTraffic({ Versions: [], Unserved: 0 }, 4, view)).toBe('');
  expect(formatDeploymentTraffic(undefined, 4, view)).toBe('');
});
