/** What the tests of the contract share: a data plane on ports of its own, and its instances. */
import type { RequestListener } from 'node:http';
import { afterEach, describe } from 'vitest';
import type { Reasons } from '../../lib/reason-table.ts';
import type { Pool } from '../../model/ingress.ts';
import type { DataPlane } from '../data-plane.ts';
import { BEHAVIOURS, type Behaviour, DATA_PLANES, type DataPlaneName } from '../data-plane-behaviours.ts';
import type { EmbeddedOptions } from '../embedded/embedded-data-plane.ts';
import {
  Cleanup,
  httpInstance,
  type Instance,
  type Rig,
  type RigOptions,
  serverOf,
  startRig,
  until,
} from '../embedded/live-rig.ts';

/** Each data plane is made with a folder of its own that is gone after the test. */
export type MakeDataPlane = (options: EmbeddedOptions, cleanup: Cleanup) => DataPlane;

type HttpInstance = Awaited<ReturnType<typeof httpInstance>>;

export interface Suite {
  readonly cleanup: Cleanup;
  /** The tests of a behaviour; skipped as a whole where the data plane cannot do it. */
  readonly behaviour: (key: Behaviour, tests: () => void) => void;
  readonly start: (options?: RigOptions) => Promise<Rig>;
  /** A rig with one instance that is ready. */
  readonly proxied: (listener: RequestListener, options?: RigOptions) => Promise<{ rig: Rig; instance: HttpInstance }>;
}

export function openSuite(name: DataPlaneName, make: MakeDataPlane): Suite {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());
  const skipped: Reasons<Behaviour> = DATA_PLANES[name];
  const start: Suite['start'] = (options = {}) =>
    startRig(cleanup, { ...options, dataPlane: (given) => make(given, cleanup) });
  return {
    cleanup,
    behaviour: (key, tests) => void describe.skipIf(skipped[key] !== undefined)(BEHAVIOURS[key], tests),
    start,
    proxied: async (listener, options) => {
      const rig = await start(options);
      const instance = await httpInstance(cleanup, 'a', listener);
      await rig.apply([instance]);
      await until('the instance is ready', () => rig.state(instance) === 'ready');
      return { rig, instance };
    },
  };
}

export const says =
  (word: string): RequestListener =>
  (asked, answer) => {
    asked.resume();
    answer.end(word);
  };

export const pool = (ready: readonly Instance[], resting: readonly Instance[] = []): Pool => ({
  Name: 'stable',
  Weight: 100,
  Servers: [...ready.map(serverOf('ready')), ...resting.map(serverOf('draining'))],
});

export const canary = (weight: number, servers: readonly Instance[]): Pool => ({
  Name: 'canary',
  Group: 'web',
  Weight: weight,
  Servers: servers.map(serverOf('ready', 1)),
});

export const areAll = (rig: Rig, servers: readonly Instance[], state: string): boolean =>
  servers.every((each) => rig.state(each) === state);
