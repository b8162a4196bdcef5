/**
 * What every task driver must do, as one suite that runs against each of them (`describeDriver` in the driver's own
 * tests). A `DriverLab` makes tasks of the driver's kind; whatever a driver cannot do is said there, with the reason.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Driver, TaskConfig, TaskHandle } from './driver.ts';

export interface DriverLab {
  /** A driver as a newly started agent would make it, over the same state. */
  openDriver(): Promise<Driver>;
  /** A task that runs until it is told to end; SIGTERM ends it. */
  sleeper(): TaskConfig;
  /** Ends by itself, soon. */
  exiting(exitCode: number): TaskConfig;
  /** Ignores SIGTERM. */
  stubborn(): TaskConfig;
  /** Cannot be started. */
  unstartable(): TaskConfig;
  badConfigs: readonly Readonly<Record<string, unknown>>[];
  /** Resolves when the task of this start has set itself up, its handling of signals included. */
  ready(task: TaskConfig): Promise<void>;
  /**
   * Awaited after each start, by drivers whose tasks would miss what is sent to them before they handle it: the first
   * process of a container gets no signal that it has no handler for.
   */
  settled?(task: TaskConfig): Promise<void>;
  /** Lets time pass, for drivers on a virtual clock. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

const never = (): AbortSignal => new AbortController().signal;

export function describeDriver(name: string, makeLab: () => Promise<DriverLab>): void {
  describe(`driver contract: ${name}`, () => {
    let lab: DriverLab;
    let driver: Driver;
    const started: TaskHandle[] = [];

    const start = async (config: TaskConfig) => {
      const handle = await driver.start(config);
      started.push(handle);
      await lab.settled?.(config);
      return handle;
    };

    beforeEach(async () => {
      lab = await makeLab();
      driver = await lab.openDriver();
    });

    afterEach(async () => {
      const last = await lab.openDriver();
      for (const handle of started.splice(0)) await last.destroy(handle);
      await lab.close();
    });

    it('is detected on this machine', async () => {
      expect(await driver.fingerprint()).toMatchObject({ detected: true, healthy: true });
    });

    it('accepts a valid config and says in a sentence what is wrong with another', () => {
      expect(driver.validateConfig(lab.sleeper().config)).toEqual([]);
      for (const config of lab.badConfigs) {
        expect(driver.validateConfig(config).join(), JSON.stringify(config)).toMatch(/\w+ \w+ \w+/);
      }
    });

    it('starts a task, and its handle survives JSON', async () => {
      const handle = await start(lab.sleeper());
      expect(JSON.parse(JSON.stringify(handle))).toEqual(handle);
      expect(await driver.inspect(handle)).toMatchObject({ state: 'running' });
    });

    it('rejects the start of a task that cannot run, with a driver error', async () => {
      await expect(driver.start(lab.unstartable())).rejects.toMatchObject({ code: 'driver' });
    });

    it.each([0, 1, 3, 137])('reports exit status %i', async (exitCode) => {
      const handle = await start(lab.exiting(exitCode));
      const ended = driver.wait(handle, never());
      await lab.pass(1_000);
      expect(await ended).toEqual({ exitCode, signal: 0, oomKilled: false });
      expect(await driver.inspect(handle)).toMatchObject({ state: 'exited', result: { exitCode } });
    });

    it('tells everyone who waits, and again who asks later', async () => {
      const handle = await start(lab.exiting(3));
      const both = Promise.all([driver.wait(handle, never()), driver.wait(handle, never())]);
      await lab.pass(1_000);
      expect((await both).map((result) => result?.exitCode)).toEqual([3, 3]);
      expect(await driver.wait(handle, never())).toMatchObject({ exitCode: 3 });
    });

    it('stops waiting when it is told to, and the task runs on', async () => {
      const handle = await start(lab.sleeper());
      const patience = new AbortController();
      const ended = driver.wait(handle, patience.signal);
      patience.abort();
      expect(await ended).toBeUndefined();
      expect(await driver.inspect(handle)).toMatchObject({ state: 'running' });
    });

    it.each([
      ['SIGTERM', 15],
      ['SIGINT', 2],
      ['SIGKILL', 9],
      ['SIGUSR1', 10],
    ])('delivers %s, and reports it when it ends the task', async (signal, number) => {
      const handle = await start(lab.sleeper());
      await driver.signal(handle, signal);
      await lab.pass(1_000);
      expect(await driver.wait(handle, never())).toMatchObject({ exitCode: 128 + number, signal: number });
    });

    it('stops a task with its signal, within its time', async () => {
      const handle = await start(lab.sleeper());
      const stopped = driver.stop(handle, { signal: 'SIGTERM', timeoutMs: 60_000 });
      await lab.pass(1_000);
      await stopped;
      expect(await driver.wait(handle, never())).toMatchObject({ signal: 15 });
    });

    it('kills a task that ignores its signal once its time is over', async () => {
      const task = lab.stubborn();
      const handle = await start(task);
      await lab.ready(task);
      const stopped = driver.stop(handle, { signal: 'SIGTERM', timeoutMs: 100 });
      await lab.pass(1_000);
      await stopped;
      expect(await driver.wait(handle, never())).toMatchObject({ signal: 9 });
    });

    it('stops a task that has ended already', async () => {
      const handle = await start(lab.exiting(0));
      await lab.pass(1_000);
      await driver.wait(handle, never());
      await driver.stop(handle, { signal: 'SIGTERM', timeoutMs: 1_000 });
      expect(await driver.wait(handle, never())).toMatchObject({ exitCode: 0, signal: 0 });
    });

    it('finds a running task again in a new agent, by its handle or by its id alone', async () => {
      const handle = await start(lab.sleeper());
      const next = await lab.openDriver();
      expect(await next.recover(handle.taskId, handle)).toEqual(handle);
      expect((await next.recover(handle.taskId, undefined))?.state).toEqual(handle.state);
      expect(await next.inspect(handle)).toMatchObject({ state: 'running' });
      await next.stop(handle, { signal: 'SIGKILL', timeoutMs: 0 });
      expect(await next.wait(handle, never())).toMatchObject({ signal: 9 });
    });

    it('knows how a task ended while no agent ran', async () => {
      const handle = await start(lab.exiting(3));
      await lab.pass(1_000);
      const next = await lab.openDriver();
      expect(await next.wait(handle, never())).toMatchObject({ exitCode: 3 });
    });

    it('says that a task was never started, and then never starts it', async () => {
      expect(await driver.recover(lab.sleeper().id, undefined)).toBeUndefined();
    });

    it('forgets a task that was destroyed, running or not', async () => {
      const handle = await start(lab.sleeper());
      await driver.destroy(handle);
      expect(await driver.inspect(handle)).toEqual({ state: 'gone' });
      await driver.destroy(handle);
    });

    it('refuses a signal that does not exist', async () => {
      const handle = await start(lab.sleeper());
      await expect(driver.signal(handle, 'SIGNONE')).rejects.toMatchObject({ code: 'driver' });
    });
  });
}
