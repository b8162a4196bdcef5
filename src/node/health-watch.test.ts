import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../lib/virtual-clock.ts';
import type { Allocation, TaskState } from '../model/allocation.ts';
import type { TaskGroup } from '../model/job.ts';
import { SECOND } from '../model/nanos.ts';
import { HealthWatch } from './health-watch.ts';

const STARTED = '2026-01-01T00:00:00Z';
const clock = new VirtualClock(Date.parse(STARTED));
const group = {
  Name: 'web',
  Update: { HealthCheck: 'task_states', MinHealthyTime: 0, HealthyDeadline: 60 * SECOND },
  Services: [{ Name: 'web', PortLabel: 'http', Ingress: [{ Listen: 8080 }], Checks: null }],
  Tasks: [{ Name: 'server', Lifecycle: null }],
} as unknown as TaskGroup;
const states = { server: { State: 'running', Failed: false, StartedAt: STARTED } as unknown as TaskState };

function view(DeploymentID: string, isReady: boolean) {
  const Traffic = { Ready: isReady, Applied: !isReady, Drained: !isReady, Owing: [], ChangedMs: 0 };
  return { alloc: { DeploymentID, Traffic } as unknown as Allocation, group, states, checks: new Map() };
}

describe('an instance that was judged healthy', () => {
  it('stays so while its traffic rests, and for the next deployment is judged when the traffic is back', async () => {
    const watch = new HealthWatch(null, clock, () => {});
    watch.look(view('d1', true));
    expect(watch.saved?.verdict?.Healthy).toBe(true);
    await clock.advance(120_000);
    expect(watch.look(view('d1', false))).toBeUndefined();
    expect(watch.saved?.verdict?.Healthy).toBe(true);
    watch.look(view('d2', false));
    expect(watch.saved?.verdict).toBeNull();
    watch.look(view('d2', true));
    expect(watch.saved?.verdict?.Healthy).toBe(true);
  });
});

it('a deadline that was written before the clock was set back is no later than a new one', async () => {
  const start = new VirtualClock(Date.parse(STARTED));
  const saved = { deploymentId: 'd1', deadlineMs: start.nowMs() + 3_600_000, verdict: null, acknowledged: false };
  const watch = new HealthWatch(saved, start, () => {});
  expect(watch.look(view('d1', false))).toBeUndefined();
  await start.advance(60_000);
  expect(watch.look(view('d1', false))).toMatch(/^Load balancer did not report/);
});
