/** A rich job runs with a successful deployment; the counts of each of 97 changes of it are those of a real peer. */
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import { canonicalizeJob } from '../model/canonicalize.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Job } from '../model/job.ts';
import { type PlanAnswer, readPlanGoldens, readRunningJob } from '../model/plan-goldens.ts';
import { specChanged } from '../model/update-kind.ts';
import { health, inputOf, newAlloc, planGoldenNodes } from './fixtures.ts';
import { schedule } from './schedule.ts';

const running = readRunningJob();
const nodes = planGoldenNodes();

const goldens = readPlanGoldens().filter((golden) => golden.status === 200);

describe('the counts of a plan are those of a real peer', () => {
  it.each(goldens.map((golden) => [`${golden.n} ${golden.name}`, golden] as const))('%s', (_, golden) => {
    const answer = golden.response as PlanAnswer & { FailedTGAllocs: Record<string, unknown> | null };
    const plan = schedule(golden.n === 1 ? newJobInput(golden.request.Job) : changedJobInput(golden.request.Job));
    expect(plan.desired).toEqual(answer.Annotations.DesiredTGUpdates);
    expect(Object.keys(plan.failedGroups).sort()).toEqual(Object.keys(answer.FailedTGAllocs ?? {}).sort());
  });
});

function newJobInput(request: object) {
  return inputOf({ job: canonicalizeJob(request).job, nodes });
}

function changedJobInput(request: object) {
  const wanted = canonicalizeJob(request).job;
  const changed = specChanged(running, wanted);
  const job: Job = { ...wanted, Version: changed ? 1 : 0, CreateIndex: running.CreateIndex };
  return inputOf({ job, versions: [running], allocs: runningAllocs(), deployment: deployed(), nodes });
}

/** Two instances share a node with none of the other group, as they did. */
function runningAllocs(): Allocation[] {
  const at = (group: string, index: number, node: number) =>
    newAlloc(running, index, {
      TaskGroup: group,
      NodeID: nodes[node]!.ID,
      DeploymentID: 'd0',
      DeploymentStatus: health(true),
    });
  return [at('web', 0, 0), at('web', 1, 1), at('web', 2, 2), at('cache', 0, 1), at('cache', 1, 2)];
}

function deployed(): Deployment {
  const { deployment } = schedule(inputOf({ job: running, nodes }));
  return { ...deployment!, ID: 'd0', Status: 'successful' };
}
