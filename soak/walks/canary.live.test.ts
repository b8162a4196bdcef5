/**
 * The users' document on canary updates, walked through the real command line: one canary, promoted, then the rest one
 * at a time. Where Nomad 1.1.2 prints something else than the document's 0.6, see blue-green.live.test.ts.
 */
import { expect, it } from 'vitest';
import { deploymentOf, updated } from '../../src/agent/testing/job-watch.ts';
import { until } from '../../src/agent/testing/until.ts';
import { liveBench } from '../live-bench.ts';
import { docsJob } from './docs-job.ts';
import {
  allocations,
  deploymentRows,
  expectLines,
  latestDeployment,
  planAndRun,
  type StatusScreen,
  statusBecomes,
} from './walk.ts';

const bench = liveBench();
/** Long enough for a person, or a test, to read a screen between two steps. */
const CANARY = { canary: 1, minHealthyTime: '1500ms' } as const;

it('promoting a canary: the rest of the group follows one at a time', async () => {
  const { agent } = bench;
  await agent.succeed('run', '-detach', agent.file(docsJob({ image: 'api-server:1.3', ...CANARY })));
  await updated(agent, 'docs', 0);
  await planAndRun(agent, agent.file(docsJob({ image: 'api-server:1.4', ...CANARY })), [
    '+/- Job: "docs"',
    '+/- Task Group: "api" (1 canary, 5 ignore)',
    '  +/- Task: "api-server" (forces create/destroy update)',
    '    +/- Config {',
    '          args[0]: "-c"',
    '          args[1]: "exec sleep 1000"',
    '      +/- args[2]: "api-server:1.3" => "api-server:1.4"',
    '          command: "sh"',
    '        }',
  ]);
  await statusBecomes(agent, 'docs', BESIDE);
  const deployment = await latestDeployment(agent, 'docs');

  const promoting = agent.succeed('deployment', 'promote', deployment);
  await until(
    'the next one is placed',
    async () => (await deploymentOf(agent, 'docs')).TaskGroups.api!.PlacedAllocs > 1,
  );
  await statusBecomes(agent, 'docs', rolling(2), rolling(3), rolling(4), rolling(5));
  expectLines(await promoting, [
    '==> TIME: Monitoring evaluation "ID"',
    '    TIME: Evaluation triggered by job "docs"',
    '    TIME: Evaluation within deployment: "ID"',
    '    TIME: Allocation "ID" created: node "ID", group "api"',
    '    TIME: Evaluation status changed: "pending" -> "complete"',
    '==> TIME: Evaluation "ID" finished with status "complete"',
    '==> TIME: Monitoring deployment "ID"',
  ]);
  await statusBecomes(agent, 'docs', ROLLED);
  expect(await deploymentRows(agent, 'docs')).toEqual([
    ['1', 'successful', 'Deployment completed successfully'],
    ['0', 'successful', 'Deployment completed successfully'],
  ]);
});

/** The canary serves beside the old version. */
const BESIDE: StatusScreen = {
  summary: `
Task Group  Queued  Starting  Running  Failed  Complete  Lost
api         0       0         6        0       0         0`,
  status: 'running',
  description: 'Deployment is running but requires manual promotion',
  deployed: `
Task Group  Auto Revert  Promoted  Desired  Canaries  Placed  Healthy  Unhealthy  Progress Deadline
api         true         false     5        1         1       1        0          2026-11-20T16:26:40Z`,
  allocations: allocations([1, 'api', '1 run running'], [5, 'api', '0 run running']),
};

/**
 * Promoted: the canary is an instance like any other, and the next one proves itself. In the document that is the second;
 * a busy machine looks later.
 */
const rolling = (placed: number): StatusScreen => ({
  summary: `
Task Group  Queued  Starting  Running  Failed  Complete  Lost
api         0       0         5        0       ${placed}         0`,
  status: 'running',
  description: 'Deployment is running',
  deployed: `
Task Group  Auto Revert  Promoted  Desired  Canaries  Placed  Healthy  Unhealthy  Progress Deadline
api         true         true      5        1         ${placed}       ${placed - 1}        0          2026-11-20T16:26:41Z`,
  allocations: allocations(
    [placed, 'api', '1 run running'],
    [5 - placed, 'api', '0 run running'],
    [placed, 'api', '0 stop complete'],
  ),
});

const ROLLED: StatusScreen = {
  summary: `
Task Group  Queued  Starting  Running  Failed  Complete  Lost
api         0       0         5        0       5         0`,
  status: 'successful',
  description: 'Deployment completed successfully',
  deployed: `
Task Group  Auto Revert  Promoted  Desired  Canaries  Placed  Healthy  Unhealthy  Progress Deadline
api         true         true      5        1         5       5        0          2026-11-20T16:26:52Z`,
  allocations: allocations([5, 'api', '1 run running'], [5, 'api', '0 stop complete']),
};
