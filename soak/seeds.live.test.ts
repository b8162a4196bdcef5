/**
 * The users' own documents on updating jobs and rolling upgrades, replayed through the command line: what is printed,
 * with which exit status, and what the traffic saw meanwhile.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { deploymentOf, instancesOf, updated } from '../src/agent/testing/job-watch.ts';
import { freePort } from '../src/agent/testing/live-agent.ts';
import { until } from '../src/agent/testing/until.ts';
import { openGate, type WebGroup, type WebJob, webJob } from '../src/agent/testing/web-job.ts';
import { isClientTerminal } from '../src/model/allocation.ts';
import { liveBench } from './live-bench.ts';
import { underTraffic } from './traffic.ts';

const bench = liveBench();

/** A job of one group, whose files differ by version and update block. */
async function jobFiles(id: string, count: number) {
  const listen = await freePort();
  const file = (group: Partial<WebGroup> & { version: string }, update: WebJob['update'] = {}): string =>
    bench.agent.file(webJob({ id, listen, groups: [{ count, ...group }], update }));
  return { agent: bench.agent, listen, file };
}

/** The rows of a table of the command line below its heading, as words. */
function rows(output: string, heading: RegExp): string[][] {
  const lines = output.split('\n');
  const at = lines.findIndex((line) => heading.test(line));
  expect(at, `${heading} is in:\n${output}`).toBeGreaterThanOrEqual(0);
  const below = lines.slice(at + 1);
  const end = below.indexOf('');
  return below.slice(0, end === -1 ? undefined : end).map((line) => line.split(/\s{2,}/));
}

const ALLOCATIONS = /^ID +Node ID +Task Group +Version +Desired +Status +Created +Modified$/;
const DEPLOYED = /^Task Group +Desired +Placed +Healthy +Unhealthy +Progress Deadline$/;
const SUMMARY = /^Task Group +Queued +Starting +Running +Failed +Complete +Lost$/;
const DEPLOYMENTS = /^ID +Job ID +Job Version +Status +Description$/;

/** How often each combination of version, desired and client status stands in the table of allocations. */
function countAllocations(output: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, , , version, desired, status] of rows(output, ALLOCATIONS)) {
    const key = `${version} ${desired} ${status}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

describe.concurrent('the documents, replayed', () => {
  it('plan, run with the wrong and the right index, status during and after', async () => {
    const { agent, listen, file } = await jobFiles('geo', 6);
    const gate = agent.folder('gate');
    openGate(gate, 'v1');
    const first = await agent.succeed('run', file({ version: 'v1', gate }));
    expect(first).toContain('finished with status "complete"');
    expect(first).toMatch(/Deployment "\w{8}" successful|Status += successful/);

    const next = file({ version: 'v2', gate }, { min_healthy_time: '1s' });
    const plan = await agent.serin('plan', next);
    expect(plan.code).toBe(1);
    expect(plan.output).toContain('+/- Job: "geo"');
    expect(plan.output).toContain('+/- Task Group: "app" (2 create/destroy update, 4 ignore)');
    expect(plan.output).toContain('+/- Task: "server" (forces create/destroy update)');
    expect(plan.output).toContain('+/- Env[VERSION]: "v1" => "v2"');
    expect(plan.output).toContain('Scheduler dry-run:\n- All tasks successfully allocated.');
    expect(plan.output).toContain(
      '- Rolling update: 6 instances in 3 batches of 2, at least 3s; next evaluation in 1s.',
    );
    const index = /Job Modify Index: (\d+)/.exec(plan.output)![1]!;
    expect(plan.output).toContain(`serin job run -check-index ${index} ${next}`);

    const wrong = await agent.serin('run', '-check-index', '1', next);
    expect(wrong.code).toBe(1);
    expect(wrong.output).toContain(
      `Enforcing job modify index 1: job exists with conflicting job modify index: ${index}\nJob not updated`,
    );

    const figures = await underTraffic(listen, async () => {
      const right = await agent.succeed('run', '-check-index', index, '-detach', next);
      expect(right).toMatch(/^Job registration successful\nEvaluation ID: [\w-]{36}\n$/);
      await until(
        'the first batch serves',
        async () => (await deploymentOf(agent, 'geo')).TaskGroups.app!.HealthyAllocs === 2,
      );

      const during = await agent.succeed('status', 'geo');
      expect(during).toMatch(/^ID += geo\nName += geo\nSubmit Date +=/);
      expect(during).toContain('Status      = running\nDescription = Deployment is running');
      const [group, desired, placed, healthy, unhealthy] = rows(during, DEPLOYED)[0]!;
      expect([group, desired, unhealthy]).toEqual(['app', '6', '0']);
      // The second batch is placed, or about to be.
      expect(['2', '4']).toContain(placed);
      expect(healthy).toBe('2');

      const deployments = rows(await agent.succeed('job', 'deployments', 'geo'), DEPLOYMENTS);
      expect(deployments.map((row) => row.slice(1))).toEqual([
        ['geo', '1', 'running', 'Deployment is running'],
        ['geo', '0', 'successful', 'Deployment completed successfully'],
      ]);
      const status = await agent.succeed('deployment', 'status', deployments[0]![0]!);
      expect(status).toMatch(/Job ID +(=) geo\nJob Version +(=) 1\nStatus +(=) running/);
      expect(rows(status, DEPLOYED)).toHaveLength(1);
      openGate(gate, 'v2');
      await updated(agent, 'geo', 1);
    });
    expect(figures.failures).toEqual([]);

    const after = await agent.succeed('status', 'geo');
    expect(after).toContain('Status      = successful\nDescription = Deployment completed successfully');
    expect(rows(after, SUMMARY)).toEqual([['app', '0', '0', '6', '0', '6', '0']]);
    expect(rows(after, DEPLOYED)[0]!.slice(0, 5)).toEqual(['app', '6', '6', '6', '0']);
    expect(countAllocations(after)).toEqual({ '1 run running': 6, '0 stop complete': 6 });

    const same = await agent.serin('plan', next);
    expect(same.code).toBe(0);
  });

  it('a version whose check fails: the deployment fails at its deadline, nothing further is touched, the rest serves', async () => {
    const { agent, listen, file } = await jobFiles('bad', 4);
    await agent.succeed('run', file({ version: 'v1' }));
    const kept = await instancesOf(agent, 'bad');
    const deadlines = { healthy_deadline: '1500ms', progress_deadline: '3s' };
    const bad = file({ version: 'v2', unhealthy: true }, deadlines);
    let tookMs = 0;
    const figures = await underTraffic(listen, async () => {
      const submittedAt = Date.now();
      const { code, output } = await agent.serin('run', bad);
      tookMs = Date.now() - submittedAt;
      expect(code).not.toBe(0);
      expect(output).toContain('Failed due to progress deadline');
      await delay(500);
    });
    expect(tookMs).toBeGreaterThanOrEqual(3000);
    expect(tookMs).toBeLessThan(120_000);
    expect(figures.failures).toEqual([]);
    expect(figures.byVersion).toEqual({ v1: figures.requests });

    const now = await instancesOf(agent, 'bad');
    const isFirst = (id: string): boolean => kept.some((each) => each.ID === id);
    expect(now.filter((each) => isFirst(each.ID) && !isClientTerminal(each))).toHaveLength(2);
    expect(now.filter((each) => each.JobVersion === 1)).toHaveLength(2);
    const deployments = rows(await agent.succeed('job', 'deployments', 'bad'), DEPLOYMENTS);
    expect(deployments.map((row) => row.slice(1))).toEqual([
      ['bad', '1', 'failed', 'Failed due to progress deadline'],
      ['bad', '0', 'successful', 'Deployment completed successfully'],
    ]);
  });

  it('with auto_revert it goes back to the stable version by itself, and the history says how', async () => {
    const { agent, listen, file } = await jobFiles('revert', 3);
    await agent.succeed('run', file({ version: 'v1' }));
    const update = { healthy_deadline: '1500ms', progress_deadline: '3s', auto_revert: true };
    const figures = await underTraffic(listen, async () => {
      await agent.serin('run', '-detach', file({ version: 'v2', unhealthy: true }, update));
      await updated(agent, 'revert', 2);
    });
    expect(figures.failures).toEqual([]);
    expect(Object.keys(figures.byVersion)).toEqual(['v1']);
    const deployments = rows(await agent.succeed('job', 'deployments', 'revert'), DEPLOYMENTS);
    expect(deployments.map((row) => row.slice(2))).toEqual([
      ['2', 'successful', 'Deployment completed successfully'],
      ['1', 'failed', 'Failed due to progress deadline - rolling back to job version 0'],
      ['0', 'successful', 'Deployment completed successfully'],
    ]);
    const history = await agent.succeed('job', 'history', '-p', 'revert');
    expect(history.match(/^(Version|Stable) +(=) \w+$/gm)!.map((line) => line.split(/ += /)[1])).toEqual([
      '2',
      'true',
      '1',
      'false',
      '0',
      'true',
    ]);
    expect(history).toContain('+/- Env[VERSION]: "v2" => "v1"');
  });

  it('a stagger that stands in the file is the least time between two batches, and plan says it', async () => {
    const { agent, listen, file } = await jobFiles('staggered', 3);
    const update = { max_parallel: 1, stagger: '2s' };
    await agent.succeed('run', file({ version: 'v1' }, update));
    const next = file({ version: 'v2' }, update);
    const plan = await agent.serin('plan', next);
    expect(plan.output).toContain(
      'Rolling update: 3 instances in 3 batches of 1, at least 4.2s; next evaluation in 2s.',
    );
    const figures = await underTraffic(listen, async () => {
      await agent.succeed('run', '-detach', next);
      await updated(agent, 'staggered', 1);
    });
    expect(figures.failures).toEqual([]);
    const placed = (await instancesOf(agent, 'staggered')).filter((each) => each.JobVersion === 1);
    const times = placed.map((each) => each.CreateTime / 1e6).sort((a, b) => a - b);
    expect(times).toHaveLength(3);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(2000);
    expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(2000);
    // Nobody waits for the 30 s that a stagger is when none is written.
    expect(times[2]! - times[0]!).toBeLessThan(50_000);
  });
});
