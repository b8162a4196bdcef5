import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/virtual-clock.ts';
import type { BackendServer, Pool, Backend as Spec } from '../../model/ingress.ts';
import { Backend } from './backend.ts';
import type { Probe } from './probe.ts';

/** A backend whose checks wait for an answer; "b1 b2" are servers. */
function world(changes: Partial<Spec> = {}) {
  const clock = new VirtualClock();
  const probes = new Map<number, (passed: boolean) => void>();
  const probe: Probe = (_clock, { port }, _check, judge) => {
    probes.set(port, judge);
    return () => probes.delete(port);
  };
  const defaults = { ID: 'default/web/web', Service: 'web', HoldMs: 0, DrainDeadlineMs: 0, Check: null, Pools: [] };
  const spec: Spec = { ...defaults, ...changes };
  const backend = new Backend(spec, { clock, probe, holdLimit: { max: 10, held: 0 }, onChange: () => {} });
  return {
    backend,
    clock,
    apply: (...pools: Pool[]) => backend.apply({ ...spec, Pools: pools }),
    /** Answers every check that is under way. */
    judge: (passed: boolean) => {
      for (const [port, answer] of [...probes]) {
        probes.delete(port);
        answer(passed);
      }
    },
    probed: () => [...probes.keys()],
  };
}

function servers(ids: string, State: BackendServer['State'] = 'ready'): BackendServer[] {
  const server = (id: string) => ({ AllocID: id, Address: '127.0.0.1', Port: id.charCodeAt(0) * 100 + Number(id[1]) });
  return ids.split(' ').map((id) => ({ ...server(id), Version: 0, State }));
}

const stable = (Weight: number, ...Servers: BackendServer[]): Pool => ({ Name: 'stable', Weight, Servers });
const canary = (Weight: number, Servers: BackendServer[], Group = 'web'): Pool => ({
  Name: 'canary',
  Group,
  Weight,
  Servers,
});

describe('a sticky client', () => {
  it('stays with its instance while that is ready and its pool gets traffic, and is sent elsewhere otherwise', () => {
    const { backend, apply, judge } = world();
    apply(stable(100, ...servers('b1 b2')), canary(0, servers('g1')));
    judge(true);
    const cookieOf = (id: string) => backend.servers().find(({ key }) => key.startsWith(`${id}:`))!.stickyValue;
    for (let turn = 0; turn < 5; turn++)
      expect(backend.admit(undefined, { instance: cookieOf('b2') })?.key).toMatch(/^b2:/);
    expect(backend.admit(undefined, { instance: cookieOf('g1') })?.key).toMatch(/^b/);
    expect(backend.admit(undefined, { instance: 'nonsense' })?.key).toMatch(/^b/);
    const [tried] = backend.servers().filter(({ key }) => key.startsWith('b2:'));
    expect(backend.admit(new Set([tried!]), { instance: cookieOf('b2') })?.key).toMatch(/^b1:/);
    apply(stable(100, ...servers('b1'), ...servers('b2', 'draining')));
    expect(backend.admit(undefined, { instance: cookieOf('b2') })?.key).toMatch(/^b1:/);
  });
});

describe('requests that wait', () => {
  it('are no more than their service wants', () => {
    const { backend, clock } = world({ HoldMs: 1000, HoldLimit: 2 });
    const hold = () => backend.hold({ admitted: () => {}, expired: () => {} }, clock.nowMs() + 1000);
    expect([hold(), hold(), hold()]).toEqual(['held', 'held', 'full']);
    expect(backend.hold({ admitted: () => {}, expired: () => {} }, clock.nowMs())).toBe('late');
  });
});

describe('traffic that moves to another set', () => {
  it('finds the second set ready at once: it was checked while it got nothing', () => {
    const { backend, apply, judge, probed } = world();
    apply(stable(100, ...servers('b1 b2')), canary(0, servers('g1 g2')));
    judge(true);
    expect(backend.admit()?.key).toMatch(/^b/);
    apply(stable(100, ...servers('b1 b2', 'draining'), ...servers('g1 g2')));
    expect(probed()).toEqual([]);
    expect(backend.admit()?.key).toMatch(/^g/);
  });

  it('waits for the check of a set that rested, even where requests are not held, and no longer than a second', () => {
    const { backend, apply, judge, probed, clock } = world();
    apply(stable(100, ...servers('b1', 'draining'), ...servers('g1')));
    judge(true);
    expect(backend.holdMs).toBe(0);
    apply(stable(100, ...servers('g1', 'draining'), ...servers('b1')));
    expect(probed()).toHaveLength(1);
    expect(backend.admit()).toBeUndefined();
    const admitted: string[] = [];
    const waiter = { admitted: ({ key }: { key: string }) => admitted.push(key), expired: () => {} };
    expect(backend.hold(waiter, clock.nowMs() + backend.holdMs)).toBe('held');
    judge(true);
    expect(admitted).toEqual(['b1:9801']);
  });

  it('holds nothing for a set whose check has failed, and checks a set that is back at its first pace', () => {
    const { backend, apply, judge, probed, clock } = world();
    apply(stable(100, ...servers('b1')));
    for (let failure = 0; failure < 6; failure++) {
      judge(false);
      clock.runNext(clock.nowMs() + 5000);
    }
    expect(backend.holdMs).toBe(0);
    apply(stable(100, ...servers('b1', 'draining')));
    apply(stable(100, ...servers('b1')));
    judge(false);
    const sinceMs = clock.nowMs();
    clock.runNext(sinceMs + 5000);
    expect(probed()).toHaveLength(1);
    expect(clock.nowMs() - sinceMs).toBeLessThanOrEqual(50);
  });
});

describe('pools', () => {
  it('of two groups have a share each', () => {
    const { backend, apply, judge } = world();
    apply(stable(70, ...servers('s1')), canary(20, servers('a1'), 'a'), canary(10, servers('b1'), 'b'));
    judge(true);
    const keys = Array.from({ length: 100 }, () => backend.admit()!.key[0]);
    expect(['s', 'a', 'b'].map((name) => keys.filter((key) => key === name).length)).toEqual([70, 20, 10]);
  });

  it('of weight 0 stay closed, whatever becomes of the others', () => {
    const { backend, apply, judge } = world();
    apply(stable(100, ...servers('s1')), canary(0, servers('c1')));
    judge(true);
    const server = backend.admit()!;
    expect(backend.admit(new Set([server]))).toBeUndefined();
    server.refused();
    expect(backend.admit()).toBeUndefined();
  });
});

describe('a preview', () => {
  const preview = () => world({ ID: 'default/web/web/preview', IsPreview: true });

  it('says at once that there is no canary, and while one is checked it waits', () => {
    const { backend, apply, judge } = preview();
    apply(canary(100, []));
    expect([backend.holdMs, backend.refusal]).toEqual([0, 'no canary of service web is running']);
    apply(canary(100, servers('c1')));
    expect([backend.holdMs, backend.refusal]).toEqual([1000, 'no canary of service web is ready']);
    judge(true);
    expect(backend.admit()?.key).toMatch(/^c1/);
  });
});
