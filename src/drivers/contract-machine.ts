/** The part of the drivers' contract that needs a real machine: process trees, agents that are killed, output, leaks. */
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type ContractKit, type DescribeBehaviour, type DriverLab, never } from './contract-kit.ts';
import { isSuccess, type TaskConfig } from './driver.ts';
import { isAlive, sendSignal } from './proc.ts';
import { runCycle } from './testing/cycle.ts';
import { eventually } from './testing/eventually.ts';

const CYCLES = 20;

/** How a task ends when agent, supervisor and task are killed in this order: `known` when its supervisor saw it. */
const ORDERS: readonly { readonly order: readonly Victim[]; readonly end: 'known' | 'unknown' }[] = [
  { order: ['agent', 'supervisor', 'task'], end: 'unknown' },
  { order: ['agent', 'task', 'supervisor'], end: 'known' },
  { order: ['supervisor', 'agent', 'task'], end: 'unknown' },
  { order: ['supervisor', 'task', 'agent'], end: 'unknown' },
  { order: ['task', 'agent', 'supervisor'], end: 'known' },
  { order: ['task', 'supervisor', 'agent'], end: 'known' },
];

type Victim = 'agent' | 'supervisor' | 'task';

export function describeOnMachine(kit: ContractKit, behaviour: DescribeBehaviour): void {
  const need = <Name extends keyof DriverLab>(name: Name): NonNullable<DriverLab[Name]> => {
    const member = kit.lab[name];
    if (member === undefined) throw new Error(`the lab has no ${name}(); write it, or a reason in behaviours.ts`);
    return member;
  };
  const processesOf = (task: TaskConfig) => need('processesOf')(task);

  behaviour('tree', () => {
    it('ends a child that became a daemon in a session of its own', async () => {
      const task = need('forking')();
      const handle = await kit.start(task);
      await kit.lab.ready(task);
      await eventually(() => processesOf(task).length >= 4);
      await kit.driver.stop(handle, { signal: 'SIGTERM', timeoutMs: 60_000 });
      expect(processesOf(task)).toEqual([]);
    });

    it('ends the daemons of a task that ends by itself', async () => {
      const task = need('leaving')();
      const handle = await kit.start(task);
      expect(await kit.driver.wait(handle, never())).toMatchObject({ exitCode: 0 });
      expect(processesOf(task)).toEqual([]);
    });
  });

  behaviour('killed', () => {
    it('finds the same processes again, by handle or by id alone, and can end them', async () => {
      const task = need('forking')();
      const agent = await need('startInDyingAgent')(task);
      kit.adopt(agent.handle);
      await kit.lab.ready(task);
      await eventually(() => processesOf(task).length >= 4);
      const before = [...processesOf(task)].sort();
      await agent.kill();
      expect(await kit.driver.recover(task.id, agent.handle)).toEqual(agent.handle);
      expect((await kit.driver.recover(task.id, undefined))?.state).toEqual(agent.handle.state);
      expect([...processesOf(task)].sort()).toEqual(before);
      await kit.driver.stop(agent.handle, { signal: 'SIGTERM', timeoutMs: 60_000 });
      expect(await kit.driver.wait(agent.handle, never())).toMatchObject({ signal: 15 });
    });
  });

  behaviour('order', () => {
    it.each(ORDERS)('$order: nothing runs on, and the end is $end', async ({ order, end }) => {
      const task = need('forking')();
      const agent = await need('startInDyingAgent')(task);
      const { handle } = agent;
      kit.adopt(handle);
      await kit.lab.ready(task);
      const main = need('mainOf')(handle);
      const supervisor = need('supervisorOf')(handle);
      const kill: Readonly<Record<Victim, () => Promise<void>>> = {
        agent: () => agent.kill(),
        supervisor: async () => void sendSignal(supervisor, 'SIGKILL'),
        task: async () => {
          sendSignal(main, 'SIGKILL');
          // While it lives the supervisor writes down what it saw, and ends.
          await eventually(() => !isAlive(main) && !isAlive(supervisor));
        },
      };
      for (const victim of order) await kill[victim]();
      const result = await kit.driver.wait(handle, never());
      expect(result && isSuccess(result)).toBe(false);
      if (end === 'known') expect(result).toMatchObject({ exitCode: 137, signal: 9 });
      else expect(result?.unknown).toMatch(/exit status unknown/);
      expect(processesOf(task)).toEqual([]);
    });
  });

  behaviour('adopt', () => {
    it('another agent neither takes up, ends nor sweeps what is not its own', async () => {
      const task = kit.lab.sleeper();
      const handle = await kit.start(task);
      const foreign = await need('openForeignDriver')();
      expect(await foreign.recover(task.id, undefined)).toBeUndefined();
      await foreign.sweep?.(() => false);
      expect(await kit.driver.inspect(handle)).toMatchObject({ state: 'running' });
    });

    it('sweeps what its own earlier agents left, and nothing that is known', async () => {
      if (kit.driver.sweep === undefined) return;
      const [known, forgotten] = [kit.lab.sleeper(), kit.lab.sleeper()];
      const [kept] = [await kit.start(known), await kit.start(forgotten)];
      const next = await kit.lab.openDriver();
      await next.sweep?.((id) => id === known.id);
      expect(await next.inspect(kept)).toMatchObject({ state: 'running' });
      await eventually(() => processesOf(forgotten).length === 0);
      expect(processesOf(known)).not.toEqual([]);
    });
  });

  behaviour('stats', () => {
    it('measures what the task uses', async () => {
      const task = need('counting')();
      const handle = await kit.start(task);
      const measure = async () => kit.driver.stats?.(handle);
      await eventually(async () => ((await measure())?.cpuMs ?? 0) > 0);
      const stats = await measure();
      expect(stats?.rssBytes).toBeGreaterThan(0);
      expect(stats?.pids.length).toBeGreaterThan(0);
    });
  });

  behaviour('exec', () => {
    const run = async (script: string, timeoutMs: number) => {
      const task = kit.lab.sleeper();
      const handle = await kit.start(task);
      const args = ['-c', script];
      const place = { env: task.env, user: task.user, taskDir: task.taskDir };
      const request = { command: '/bin/sh', args, ...place, timeoutMs, maxOutputBytes: 64 };
      return kit.driver.exec?.(handle, request, never());
    };

    it("answers a command's output and exit status, with the task's environment", async () => {
      expect(await run('echo $NOMAD_TASK_DIR | wc -l; exit 2', 60_000)).toMatchObject({
        exitCode: 2,
        output: expect.stringMatching(/^\s*1\s*$/),
      });
    });

    it('ends a command that takes too long', async () => {
      await expect(run('sleep 1000', 300)).rejects.toThrow(/no result within 300 ms/);
    });
  });

  behaviour('logs', () => {
    it('keeps every line of a task whose agents come and go', async () => {
      const task = need('counting')();
      const agent = await need('startInDyingAgent')(task);
      kit.adopt(agent.handle);
      const output = () => need('outputOf')(task);
      const lines = () => output().split('\n').slice(0, -1);
      await eventually(() => lines().length > 10);
      await agent.kill();
      const atDeath = lines().length;
      const next = await kit.lab.openDriver();
      await next.recover(task.id, agent.handle);
      await eventually(() => lines().length > atDeath + 20);
      await next.stop(agent.handle, { signal: 'SIGTERM', timeoutMs: 60_000 });
      await next.wait(agent.handle, never());
      expect(lines()).toEqual(lines().map((_, at) => `line ${at + 1}`));
    });
  });

  behaviour('leaks', () => {
    it(`leaves no process, descriptor or file behind over ${CYCLES} cycles`, async () => {
      await runCycle(kit.driver, kit.lab.sleeper(), kit.lab.settled);
      const descriptors = readdirSync('/proc/self/fd').length;
      const leftovers = await need('leftovers')();
      const tasks = Array.from({ length: CYCLES }, () => kit.lab.sleeper());
      for (const task of tasks) await runCycle(kit.driver, task, kit.lab.settled);
      expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(descriptors + 1);
      // The supervisor's last act is its record; it needs a moment more to be gone itself.
      await eventually(() => tasks.every((task) => processesOf(task).length === 0));
      expect(await need('leftovers')()).toEqual(leftovers);
    });
  });
}
