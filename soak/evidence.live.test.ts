/** Why a deployment failed is still told when the instances that failed it, and their files, are gone. */
import { expect, it } from 'vitest';
import { deploymentOf, instancesOf, updated } from '../src/agent/testing/job-watch.ts';
import { freePort } from '../src/agent/testing/live-agent.ts';
import { until } from '../src/agent/testing/until.ts';
import { webJob } from '../src/agent/testing/web-job.ts';
import type { Deployment } from '../src/model/deployment.ts';
import { liveBench } from './live-bench.ts';

const bench = liveBench();
const update = { healthy_deadline: '1500ms', progress_deadline: '2s', auto_revert: true };

it('the evidence outlives the instances: the last output of the check, the last line of the log', async () => {
  const { agent } = bench;
  const listen = await freePort();
  const version = (name: string, unhealthy: boolean) =>
    webJob({ id: 'web', listen, update, groups: [{ count: 1, version: name, unhealthy }] });
  await agent.succeed('run', agent.file(version('v0', false)));
  const broken = version('v1', true).replace('const http =', "console.error('no such table: users');\nconst http =");
  const ran = await agent.serin('run', agent.file(broken));
  expect(ran.code, 'a failed deployment').toBe(1);
  expect(ran.output).toContain('Why it failed');

  await updated(agent, 'web', 2);
  const [, failed] = await agent.read<Deployment[]>('job/web/deployments');
  const ids = (await instancesOf(agent, 'web')).filter(({ JobVersion }) => JobVersion === 1).map(({ ID }) => ID);
  expect(ids).toHaveLength(1);
  await agent.write('system/gc', {});
  await until('the instance is forgotten', async () =>
    (await instancesOf(agent, 'web')).every(({ ID }) => !ids.includes(ID)),
  );

  expect((await deploymentOf(agent, 'web')).JobVersion, 'the way back').toBe(2);
  const screen = await agent.succeed('deployment', 'status', failed!.ID);
  expect(screen).toContain('no further instance became healthy in time (progress-deadline)');
  expect(screen).toMatch(/check .* is critical; it said: HTTP GET .*\/unwell: 503 Service Unavailable/);
  expect(screen).toMatch(/last lines of stderr of task "server"\n.* no such table: users\n/);
});
