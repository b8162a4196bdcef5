/** Gathers what `alloc-health.ts` judges. Pure. */
import { msFromNanos } from '../lib/duration.ts';
import type { AllocTraffic, TaskState } from '../model/allocation.ts';
import type { TaskGroup } from '../model/job.ts';
import type { UpdateStrategy } from '../model/policies.ts';
import type { HealthFacts } from './alloc-health.ts';
import type { CheckState } from './check-state.ts';
import { checkKey, checkName, hasIngress, servicesOf } from './service-status.ts';

export interface HealthSources {
  readonly nowMs: number;
  readonly deadlineMs: number;
  readonly group: TaskGroup;
  readonly update: UpdateStrategy;
  readonly states: Readonly<Record<string, TaskState>>;
  readonly checks: ReadonlyMap<string, CheckState>;
  readonly traffic: AllocTraffic | undefined;
  readonly trafficReadySinceMs: number | undefined;
}

export function healthFacts(sources: HealthSources): HealthFacts {
  const { group, update, states, checks, traffic } = sources;
  const judged = checkFacts(group, checks);
  // A check that the deployment is to ignore keeps requests away all the same: to wait for them would be to wait for it.
  const waitsForNobody = judged.some(({ isIgnored, passingSinceMs }) => isIgnored && passingSinceMs === undefined);
  return {
    nowMs: sources.nowMs,
    deadlineMs: sources.deadlineMs,
    minHealthyMs: msFromNanos(update.MinHealthyTime),
    healthCheck: update.HealthCheck,
    tasks: group.Tasks.filter((task) => isServing(task.Lifecycle) || states[task.Name]?.Failed).map((task) => ({
      name: task.Name,
      runningSinceMs: runningSince(states[task.Name]),
      failed: states[task.Name]?.Failed === true && states[task.Name]?.State === 'dead',
    })),
    checks: judged.filter(({ isIgnored }) => !isIgnored),
    trafficReadySinceMs:
      hasIngress(group) && traffic !== undefined && !waitsForNobody ? sources.trafficReadySinceMs : null,
  };
}

function checkFacts(group: TaskGroup, checks: ReadonlyMap<string, CheckState>) {
  return servicesOf(group).flatMap(({ service }) =>
    (service.Checks ?? []).map((check, at) => ({
      name: checkName(service, check),
      passingSinceMs: checks.get(checkKey(service, check, at))?.passingSinceMs,
      isIgnored: check.OnUpdate === 'ignore',
    })),
  );
}

/** Those that are meant to run as long as the allocation. */
const isServing = (lifecycle: TaskGroup['Tasks'][number]['Lifecycle']): boolean =>
  lifecycle === null || lifecycle.Sidecar;

function runningSince(state: TaskState | undefined): number | undefined {
  return state?.State === 'running' && state.StartedAt !== null ? Date.parse(state.StartedAt) : undefined;
}
