/** What the ingresses have acknowledged about an instance, as a table. */
import { describe, expect, it } from 'vitest';
import type { AllocTraffic } from '../model/allocation.ts';
import type { IngressServerStatus } from '../model/ingress.ts';
import { decideTraffic, type IngressWord } from './traffic-decision.ts';

type State = IngressServerStatus['State'];

/** What an ingress says of the instance behind port 80 (and 81, where it says two things); undefined: nothing. */
function says(name: string, state: State | undefined, second?: State, holdsLease = true): IngressWord {
  const servers: Record<string, IngressServerStatus> = {};
  if (state) servers['a:80'] = { State: state, InFlight: 0 };
  if (second) servers['a:81'] = { State: second, InFlight: 0 };
  return { name, holdsLease, appliedIndex: 0, servers };
}
const missing = (name: string, state: State | undefined): IngressWord => says(name, state, undefined, false);

const traffic = (Ready: boolean, Applied: boolean, Drained: boolean, ...Owing: string[]) => ({
  Ready,
  Applied,
  Drained,
  Owing,
});

interface Case {
  readonly stops?: boolean;
  readonly proceeds?: boolean;
  readonly ports?: readonly number[];
}

function decide(ingresses: readonly IngressWord[], { stops, proceeds, ports }: Case = {}, before?: AllocTraffic) {
  const alloc = {
    ID: 'a',
    DesiredStatus: stops ? ('stop' as const) : ('run' as const),
    ...(before && { Traffic: before }),
  };
  return decideTraffic({
    alloc,
    ingresses,
    ports: ports ?? [80],
    proceeds: proceeds ?? false,
    drainIndex: 0,
    nowMs: 1000,
  });
}

describe('an instance that is to run', () => {
  it.each<[string, IngressWord[], ReturnType<typeof traffic>]>([
    ['is ready where there is no ingress: nobody is to be waited for', [], traffic(true, true, true)],
    ['is ready when every ingress says so', [says('x', 'ready'), says('y', 'ready')], traffic(true, false, false)],
    [
      'is owed by the one that has not said so',
      [says('x', 'ready'), says('y', undefined)],
      traffic(false, false, false, 'y'),
    ],
    ['is owed by one that finds it unhealthy', [says('x', 'unhealthy')], traffic(false, false, false, 'x')],
    [
      'is owed by all that say nothing, in a stable order',
      [says('y', undefined), says('x', undefined)],
      traffic(false, false, false, 'x', 'y'),
    ],
    [
      'does not wait for an ingress that missed its lease',
      [says('x', 'ready'), missing('y', undefined)],
      traffic(true, false, false),
    ],
    [
      'waits where all ingresses missed their lease: nobody can say that requests reach it',
      [missing('x', undefined), missing('y', undefined)],
      traffic(false, false, false, 'x', 'y'),
    ],
    [
      'waits for what an ingress says that holds its lease, whatever it said before',
      [missing('x', 'unhealthy')],
      traffic(false, false, false, 'x'),
    ],
  ])('%s', (_, ingresses, expected) => {
    expect(decide(ingresses)).toMatchObject(expected);
  });

  it('stays ready while all ingresses are away: one that comes back, or a server that does, has yet to hear', () => {
    const before = { ...traffic(true, false, false), ChangedMs: 1 };
    expect(decide([missing('x', undefined)], {}, before)).toMatchObject({ Ready: true });
    expect(decide([says('x', 'unhealthy')], {}, before)).toMatchObject({ Ready: false });
  });

  it('is ready without any where its service says `proceed`', () => {
    expect(decide([missing('x', undefined)], { proceeds: true })).toMatchObject({ Ready: true, Owing: [] });
  });
});

describe('an instance that is to stop', () => {
  const stops = { stops: true };
  it.each<[string, IngressWord[], Case, ReturnType<typeof traffic>]>([
    ['is drained at once where there is no ingress', [], stops, traffic(true, true, true)],
    [
      'is drained only when every ingress says so',
      [says('x', 'drained'), says('y', 'drained')],
      stops,
      traffic(false, true, true),
    ],
    [
      'is not drained while one has requests in flight, though no new one can come',
      [says('x', 'drained'), says('y', 'draining')],
      stops,
      traffic(false, true, false, 'y'),
    ],
    [
      'is not applied while one may still send requests',
      [says('x', 'drained'), says('y', 'ready')],
      stops,
      traffic(false, false, false, 'y'),
    ],
    [
      'is not drained where an ingress does not know it: it may know an older table',
      [says('x', undefined)],
      stops,
      traffic(false, false, false, 'x'),
    ],
    [
      'waits for an ingress that missed its lease: it may still be sending',
      [says('x', 'drained'), missing('y', undefined)],
      stops,
      traffic(false, false, false, 'y'),
    ],
    [
      'takes the last word of one that missed its lease, where that was the last word',
      [missing('y', 'drained')],
      stops,
      traffic(false, true, true),
    ],
    [
      'does not wait for it where the service says proceed',
      [says('x', 'drained'), missing('y', 'ready')],
      { stops: true, proceeds: true },
      traffic(false, true, true),
    ],
    [
      'waits for one that holds its lease even where the service says proceed',
      [says('x', 'draining')],
      { stops: true, proceeds: true },
      traffic(false, true, false, 'x'),
    ],
  ])('%s', (_, ingresses, situation, expected) => {
    expect(decide(ingresses, situation)).toMatchObject(expected);
  });
});

describe('an instance behind several ports', () => {
  const two = { ports: [80, 81] };
  it('is ready when all of them are', () => {
    expect(decide([says('x', 'ready', 'unhealthy')], two)).toMatchObject(traffic(false, false, false, 'x'));
    expect(decide([says('x', 'ready', 'ready')], two)).toMatchObject(traffic(true, false, false));
  });

  it('is drained when all of them are', () => {
    expect(decide([says('x', 'drained', 'draining')], { ...two, stops: true })).toMatchObject(
      traffic(false, true, false, 'x'),
    );
    expect(decide([says('x', 'drained', 'drained')], { ...two, stops: true })).toMatchObject(
      traffic(false, true, true),
    );
  });

  it('that has no port an ingress could reach owes nobody anything', () => {
    expect(decide([says('x', undefined)], { ports: [], stops: true })).toMatchObject(traffic(true, true, true));
  });
});

describe('the figures', () => {
  it('are the very same object while nothing changes, and say since when once something does', () => {
    const before: AllocTraffic = { ...traffic(false, false, false, 'x'), ChangedMs: 7 };
    expect(decide([says('x', undefined)], {}, before)).toBe(before);
    expect(decide([says('x', 'ready')], {}, before)).toEqual({ ...traffic(true, false, false), ChangedMs: 1000 });
    expect(decide([says('y', undefined)], {}, before)).toEqual({
      ...traffic(false, false, false, 'y'),
      ChangedMs: 1000,
    });
  });
});
