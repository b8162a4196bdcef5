/**
 * Time is a parameter everywhere below `agent/`: the simulation runs the same code on a virtual clock.
 * All times are milliseconds since the epoch; the wire's nanoseconds are made from them at the model's edge.
 */

import os from 'node:os';

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the epoch. May step; never use differences of it to decide safety without a margin. */
  nowMs(): number;
  /** Calls `fn` once after at least `delayMs`. The timer does not keep the process alive by itself. */
  after(delayMs: number, fn: () => void): Timer;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, fn) {
    const handle = setTimeout(fn, Math.min(delayMs, 2 ** 31 - 1));
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Where a clock takes its time from, in milliseconds. */
export interface TimeSources {
  /** Of the day; people and programs set it. */
  wall(): number;
  /** Goes on evenly from some moment, but not while the machine sleeps. */
  even(): number;
  /** Since the machine was started, sleep and all; asked for seldom, since it costs. */
  sinceBoot(): number;
}

const machineTime: TimeSources = {
  wall: () => Date.now(),
  even: () => performance.now(),
  sinceBoot: () => os.uptime() * 1000,
};

/** Less is what a machine's own corrections do, and is followed at once. */
const STEP_MS = 1_000;
/** How much faster or slower than real time the clock goes until it is right again. */
const SLEW = 0.1;

/**
 * A clock for whoever decides by differences of time: when the machine's clock is set, forward or back, it follows by a
 * tenth of the time that passes, so that no deadline passes early and none waits for hours; time stamps are off as
 * long. It never goes back. After the machine has slept it is right at once: that time has passed.
 *
 *   the clock is set an hour forward → deadlines of 5 min pass after 4 min 33 s, and ten hours later it shows the hour
 *
 * `onStep` hears by how much the clock was set.
 */
export function steadyClock(
  onStep: (byMs: number) => void = () => undefined,
  { wall, even, sinceBoot }: TimeSources = machineTime,
): Clock {
  let shownMs = wall();
  let evenMs = even();
  let asleepMs = sinceBoot() - evenMs;
  /** By how much the machine's clock is ahead of this one. */
  let aheadMs = 0;

  const sleptMs = (): number => {
    const before = asleepMs;
    asleepMs = sinceBoot() - evenMs;
    return asleepMs - before > STEP_MS ? asleepMs - before : 0;
  };

  const nowMs = (): number => {
    const passedMs = even() - evenMs;
    evenMs += passedMs;
    let ownMs = shownMs + passedMs;
    const jumpMs = wall() - ownMs - aheadMs;
    if (Math.abs(jumpMs) > STEP_MS) {
      ownMs += sleptMs();
      const byMs = wall() - ownMs - aheadMs;
      if (Math.abs(byMs) > STEP_MS) onStep(byMs);
    }
    const offMs = wall() - ownMs;
    const followMs = Math.abs(offMs) <= STEP_MS ? offMs : Math.sign(offMs) * Math.min(Math.abs(offMs), passedMs * SLEW);
    shownMs = Math.max(shownMs, ownMs + followMs);
    aheadMs = wall() - shownMs;
    return Math.round(shownMs);
  };
  return { ...systemClock, nowMs };
}

/** Resolves after `delayMs`, or at once when `signal` aborts: a sleeper looks at the signal, it does not catch. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(delayMs, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
