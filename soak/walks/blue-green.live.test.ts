/**
 * The users' document on blue/green updates, walked through the real command line: promote one, fail one.
 *
 * It was written for Nomad 0.6; where 1.1.2 prints something else, this holds to 1.1.2:
 * - `status` has a row `Namespace`, the columns `Created` and `Modified` with ages instead of `Created At` with a date,
 *   and a column `Progress Deadline` in the table of the deployment.
 * - A deployment that waits says "requires manual promotion", not "requires promotion".
 * - Each line of a monitored evaluation begins with its time, and the deployment is monitored after it.
 * - Going back registers the old specification as a new version, which the old instances carry then (2, not 0); the
 *   document's own last screens show that as well, with the instances of another job beside them.
 * - The words under the index of a plan: "job modify index given matches the server-side version".
 */
import { expect, it } from 'vitest';
import { instancesOf, updated } from '../../src/agent/testing/job-watch.ts';
import { until } from '../../src/agent/testing/until.ts';
import { liveBench } from '../live-bench.ts';
import { docsJob } from './docs-job.ts';
import {
  allocations,
  deploymentRows,
  expectLines,
  lastDeployed,
  latestDeployment,
  planAndRun,
  statusBecomes,
} from './walk.ts';

const bench = liveBench();

const BOTH_SETS = {
  summary: `
Task Group  Queued  Starting  Running  Failed  Complete  Lost
api         0       0         10       0       0         0`,
  status: 'running',
  description: 'Deployment is running but requires manual promotion',
  deployed: `
Task Group  Auto Revert  Promoted  Desired  Canaries  Placed  Healthy  Unhealthy  Progress Deadline
api         true         false     5        5         5       5        0          2026-11-20T16:26:55Z`,
  allocations: allocations([5, 'api', '1 run running'], [5, 'api', '0 run running']),
} as const;

/** Blue runs; green is planned, submitted and healthy beside it. Resolves with the deployment's id. */
async function bothSets(): Promise<string> {
  const { agent } = bench;
  await agent.succeed('run', '-detach', agent.file(docsJob({ image: 'api-server:1.3', canary: 5 })));
  await updated(agent, 'docs', 0);
  await planAndRun(agent, agent.file(docsJob({ image: 'api-server:1.4', canary: 5 })), [
    '+/- Job: "docs"',
    '+/- Task Group: "api" (5 canary, 5 ignore)',
    '  +/- Task: "api-server" (forces create/destroy update)',
    '    +/- Config {',
    '          args[0]: "-c"',
    '          args[1]: "exec sleep 1000"',
    '      +/- args[2]: "api-server:1.3" => "api-server:1.4"',
    '          command: "sh"',
    '        }',
    '',
    'Scheduler dry-run:',
    '- All tasks successfully allocated.',
  ]);
  await statusBecomes(agent, 'docs', BOTH_SETS);
  return latestDeployment(agent, 'docs');
}

it('promoting: the old set stops, the new one stays', async () => {
  const { agent } = bench;
  const deployment = await bothSets();
  const promoted = await agent.succeed('deployment', 'promote', deployment);
  expectLines(promoted, [
    '==> TIME: Monitoring evaluation "ID"',
    '    TIME: Evaluation triggered by job "docs"',
    '    TIME: Evaluation within deployment: "ID"',
    '    TIME: Evaluation status changed: "pending" -> "complete"',
    '==> TIME: Evaluation "ID" finished with status "complete"',
    '==> TIME: Monitoring deployment "ID"',
  ]);
  expect(lastDeployed(promoted)).toEqual(['api', 'true', 'true', '5', '5', '5', '5', '0', 'TIME']);
  await statusBecomes(agent, 'docs', {
    summary: `
Task Group  Queued  Starting  Running  Failed  Complete  Lost
api         0       0         5        0       5         0`,
    status: 'successful',
    description: 'Deployment completed successfully',
    deployed: `
Task Group  Auto Revert  Promoted  Desired  Canaries  Placed  Healthy  Unhealthy  Progress Deadline
api         true         true      5        5         5       5        0          2026-11-20T16:26:59Z`,
    allocations: allocations([5, 'api', '1 run running'], [5, 'api', '0 stop complete']),
  });
  await agent.succeed('stop', '-purge', '-detach', 'docs');
  await until('nothing of the job is left', async () => {
    await fetch(`${agent.address}/v1/system/gc`, { method: 'PUT' });
    return (await instancesOf(agent, 'docs')).length === 0;
  });
});

it('failing: the new set stops, the old one was never touched and is the newest version again', async () => {
  const { agent } = bench;
  const deployment = await bothSets();
  const blue = (await instancesOf(agent, 'docs')).filter((each) => each.JobVersion === 0).map((each) => each.ID);
  const failed = await agent.succeed('deployment', 'fail', deployment);
  expect(failed).toContain(`Deployment "${deployment}`);
  expectLines(failed, [
    'Deployment "UUID" failed. Auto-reverted to job version 0.',
    '',
    '==> TIME: Monitoring evaluation "ID"',
    '    TIME: Evaluation triggered by job "docs"',
    '    TIME: Evaluation within deployment: "ID"',
    ...Array<string>(5).fill('    TIME: Allocation "ID" modified: node "ID", group "api"'),
    '    TIME: Evaluation status changed: "pending" -> "complete"',
    '==> TIME: Evaluation "ID" finished with status "complete"',
  ]);
  await statusBecomes(agent, 'docs', {
    summary: `
Task Group  Queued  Starting  Running  Failed  Complete  Lost
api         0       0         5        0       5         0`,
    status: 'successful',
    description: 'Deployment completed successfully',
    deployed: `
Task Group  Auto Revert  Desired  Placed  Healthy  Unhealthy  Progress Deadline
api         true         5        5       5        0          2026-11-20T16:26:59Z`,
    allocations: allocations([5, 'api', '1 stop complete'], [5, 'api', '2 run running']),
  });
  expect(await deploymentRows(agent, 'docs')).toEqual([
    ['2', 'successful', 'Deployment completed successfully'],
    ['1', 'failed', 'Deployment marked as failed - rolling back to job version 0'],
    ['0', 'successful', 'Deployment completed successfully'],
  ]);
  const kept = (await instancesOf(agent, 'docs')).filter((each) => each.ClientStatus === 'running');
  expect(kept.map((each) => each.ID).sort()).toEqual(blue.sort());
});
