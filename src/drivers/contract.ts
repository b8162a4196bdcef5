/**
 * What every task driver must do, as one suite that runs against each of them (`describeDriver` in the driver's own
 * tests). A `DriverLab` makes tasks of the driver's kind; what a driver cannot do stands in `behaviours.ts`, with the
 * reason. What needs real processes is in `contract-machine.ts`.
 */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BEHAVIOURS, type Behaviour, reasonsOf } from './behaviours.ts';
import { describeAttached } from './contract-attached.ts';
import { type ContractKit, type DescribeBehaviour, type DriverLab, never } from './contract-kit.ts';
import { describeOnMachine } from './contract-machine.ts';
import type { Driver, TaskConfig, TaskHandle } from './driver.ts';
import { removePrograms } from './testing/dying-agent.ts';

/** `sample`: the behaviours that are enough where another suite holds the same driver to all of them. */
export function describeDriver(name: string, makeLab: () => Promise<DriverLab>, sample?: readonly Behaviour[]): void {
  const reasons = reasonsOf(name);
  const behaviour: DescribeBehaviour = (key, tests) => {
    if (sample?.includes(key) === false) return;
    const reason = reasons[key];
    if (reason === undefined) describe(BEHAVIOURS[key], tests);
    else describe.skip(`${BEHAVIOURS[key]} (not this driver: ${reason})`, tests);
  };

  describe(`driver contract: ${name}`, () => {
    const started: TaskHandle[] = [];
    const kit = {
      lab: undefined as unknown as DriverLab,
      driver: undefined as unknown as Driver,
      start: async (config: TaskConfig) => {
        const handle = kit.adopt(await kit.driver.start(config));
        await kit.lab.settled?.(config);
        return handle;
      },
      adopt: (handle: TaskHandle) => {
        started.push(handle);
        return handle;
      },
    };

    beforeEach(async () => {
      kit.lab = await makeLab();
      kit.driver = await kit.lab.openDriver();
    });

    afterEach(async () => {
      const last = await kit.lab.openDriver();
      for (const handle of started.splice(0)) await last.destroy(handle);
      await kit.lab.close();
    });

    afterAll(removePrograms);

    describeCore(kit, behaviour);
    describeOnMachine(kit, behaviour);
    describeAttached(kit, behaviour);
  });
}

function describeCore(kit: ContractKit, behaviour: DescribeBehaviour): void {
  behaviour('start', () => {
    it('is detected on this machine', async () => {
      // An engine that is late with its answer is asked again, as a node does.
      await expect.poll(() => kit.driver.fingerprint()).toMatchObject({ detected: true, healthy: true });
    });

    it('accepts a valid config and says in a sentence what is wrong with another', () => {
      expect(kit.driver.validateConfig(kit.lab.sleeper().config)).toEqual([]);
      for (const config of kit.lab.badConfigs) {
        expect(kit.driver.validateConfig(config).join(), JSON.stringify(config)).toMatch(/\w+ \w+ \w+/);
      }
    });

    it('starts a task, and its handle survives JSON', async () => {
      const handle = await kit.start(kit.lab.sleeper());
      expect(JSON.parse(JSON.stringify(handle))).toEqual(handle);
      expect(await kit.driver.inspect(handle)).toMatchObject({ state: 'running' });
    });

    it('rejects the start of a task that cannot run, with a driver error', async () => {
      await expect(kit.driver.start(kit.lab.unstartable())).rejects.toMatchObject({ code: 'driver' });
    });
  });

  behaviour('end', () => {
    it.each([0, 1, 3, 137])('reports exit status %i', async (exitCode) => {
      const handle = await kit.start(kit.lab.exiting(exitCode));
      const ended = kit.driver.wait(handle, never());
      await kit.lab.pass(1_000);
      expect(await ended).toEqual({ exitCode, signal: 0, oomKilled: false });
      expect(await kit.driver.inspect(handle)).toMatchObject({ state: 'exited', result: { exitCode } });
    });

    it('tells everyone who waits, and again who asks later', async () => {
      const handle = await kit.start(kit.lab.exiting(3));
      const both = Promise.all([kit.driver.wait(handle, never()), kit.driver.wait(handle, never())]);
      await kit.lab.pass(1_000);
      expect((await both).map((result) => result?.exitCode)).toEqual([3, 3]);
      expect(await kit.driver.wait(handle, never())).toMatchObject({ exitCode: 3 });
    });

    it('stops waiting when it is told to, and the task runs on', async () => {
      const handle = await kit.start(kit.lab.sleeper());
      const patience = new AbortController();
      const ended = kit.driver.wait(handle, patience.signal);
      patience.abort();
      expect(await ended).toBeUndefined();
      expect(await kit.driver.inspect(handle)).toMatchObject({ state: 'running' });
    });
  });

  behaviour('stop', () => {
    it('stops a task with its signal, within its time', async () => {
      const handle = await kit.start(kit.lab.sleeper());
      const stopped = kit.driver.stop(handle, { signal: 'SIGTERM', timeoutMs: 60_000 });
      await kit.lab.pass(1_000);
      await stopped;
      expect(await kit.driver.wait(handle, never())).toMatchObject({ signal: 15 });
    });

    it('kills a task that ignores its signal once its time is over', async () => {
      const task = kit.lab.stubborn();
      const handle = await kit.start(task);
      await kit.lab.ready(task);
      const stopped = kit.driver.stop(handle, { signal: 'SIGTERM', timeoutMs: 100 });
      await kit.lab.pass(1_000);
      await stopped;
      expect(await kit.driver.wait(handle, never())).toMatchObject({ signal: 9 });
    });

    it('stops a task that has ended already', async () => {
      const handle = await kit.start(kit.lab.exiting(0));
      await kit.lab.pass(1_000);
      await kit.driver.wait(handle, never());
      await kit.driver.stop(handle, { signal: 'SIGTERM', timeoutMs: 1_000 });
      expect(await kit.driver.wait(handle, never())).toMatchObject({ exitCode: 0, signal: 0 });
    });

    it('forgets a task that was destroyed, running or not', async () => {
      const handle = await kit.start(kit.lab.sleeper());
      await kit.driver.destroy(handle);
      expect(await kit.driver.inspect(handle)).toEqual({ state: 'gone' });
      await kit.driver.destroy(handle);
    });
  });

  behaviour('signal', () => {
    it.each([
      ['SIGTERM', 15],
      ['SIGINT', 2],
      ['SIGKILL', 9],
      ['SIGUSR1', 10],
    ])('delivers %s, and reports it when it ends the task', async (signal, number) => {
      const handle = await kit.start(kit.lab.sleeper());
      await kit.driver.signal(handle, signal);
      await kit.lab.pass(1_000);
      expect(await kit.driver.wait(handle, never())).toMatchObject({ exitCode: 128 + number, signal: number });
    });

    it('refuses a signal that does not exist', async () => {
      const handle = await kit.start(kit.lab.sleeper());
      await expect(kit.driver.signal(handle, 'SIGNONE')).rejects.toMatchObject({ code: 'driver' });
    });
  });

  behaviour('recover', () => {
    it('finds a running task again in a new agent, by its handle or by its id alone', async () => {
      const handle = await kit.start(kit.lab.sleeper());
      const next = await kit.lab.openDriver();
      expect(await next.recover(handle.taskId, handle)).toEqual(handle);
      expect((await next.recover(handle.taskId, undefined))?.state).toEqual(handle.state);
      expect(await next.inspect(handle)).toMatchObject({ state: 'running' });
      await next.stop(handle, { signal: 'SIGKILL', timeoutMs: 0 });
      expect(await next.wait(handle, never())).toMatchObject({ signal: 9 });
    });

    it('knows how a task ended while no agent ran', async () => {
      const handle = await kit.start(kit.lab.exiting(3));
      await kit.lab.pass(1_000);
      const next = await kit.lab.openDriver();
      expect(await next.wait(handle, never())).toMatchObject({ exitCode: 3 });
    });

    it('says that a task was never started, and then never starts it', async () => {
      expect(await kit.driver.recover(kit.lab.sleeper().id, undefined)).toBeUndefined();
    });
  });
}
