import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/virtual-clock.ts';
import { type BackendServer, type Backend as Spec, serverKey } from '../../model/ingress.ts';
import { Backend } from './backend.ts';
import type { Probe } from './probe.ts';
import type { UpstreamServer } from './upstream-server.ts';

const IDS = ['a', 'b', 'c', 'd'];
type Place = 'out' | 'ready' | 'canary' | 'other canary' | 'draining';
/** Of the stable pool and of two groups' canary pools. */
type PoolWeights = readonly [number, number, number];

type Step =
  | { readonly kind: 'table'; readonly places: readonly Place[]; readonly weights: PoolWeights }
  | { readonly kind: 'request'; readonly failedBefore: boolean }
  | { readonly kind: 'end'; readonly which: number }
  | { readonly kind: 'check'; readonly which: number; readonly passes: boolean }
  | { readonly kind: 'refuse'; readonly which: number };

const which = fc.nat({ max: 50 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('table' as const),
    places: fc.array(fc.constantFrom<Place>('out', 'ready', 'canary', 'other canary', 'draining'), {
      minLength: 4,
      maxLength: 4,
    }),
    weights: fc.constantFrom<PoolWeights>([100, 0, 0], [99, 1, 0], [50, 0, 50], [0, 50, 50], [0, 0, 100]),
  }),
  fc.record({ kind: fc.constant('request' as const), failedBefore: fc.constant(false) }),
  fc.record({ kind: fc.constant('request' as const), failedBefore: fc.boolean() }),
  fc.record({ kind: fc.constant('end' as const), which }),
  fc.record({ kind: fc.constant('check' as const), which, passes: fc.boolean() }),
  fc.record({ kind: fc.constant('check' as const), which, passes: fc.constant(true) }),
  fc.record({ kind: fc.constant('refuse' as const), which }),
);

/** A backend whose checks answer when the test says so, and a naive account of what is in flight where. */
class World {
  readonly clock = new VirtualClock();
  places: readonly Place[] = ['out', 'out', 'out', 'out'];
  weights: PoolWeights = [100, 0, 0];
  readonly inFlight: UpstreamServer[] = [];
  waiting = 0;
  readonly #probes: { port: number; judge: (passed: boolean) => void }[] = [];
  readonly backend: Backend;

  constructor() {
    const probe: Probe = (_clock, { port }, _check, judge) => {
      const pending = { port, judge };
      this.#probes.push(pending);
      return () => {
        if (this.#probes.includes(pending)) this.#probes.splice(this.#probes.indexOf(pending), 1);
      };
    };
    const holdLimit = { max: 1000, held: 0 };
    this.backend = new Backend(this.#spec(), { clock: this.clock, probe, holdLimit, onChange: () => {} });
  }

  run(each: Step): void {
    switch (each.kind) {
      case 'table':
        this.places = each.places;
        this.weights = each.weights;
        this.backend.apply(this.#spec());
        break;
      case 'request':
        this.#request(each.failedBefore);
        break;
      case 'end':
        this.inFlight.splice(each.which % Math.max(1, this.inFlight.length), 1)[0]?.end();
        break;
      case 'check':
        this.#answerCheck(each.which, each.passes);
        break;
      case 'refuse':
        this.inFlight[each.which % Math.max(1, this.inFlight.length)]?.refused();
        break;
    }
    this.clock.runNext(this.clock.nowMs() + 20_000);
  }

  /** One that some server has failed before is tried elsewhere, else anywhere. */
  #request(failedBefore: boolean): void {
    const tried = failedBefore ? new Set(this.backend.servers().slice(0, 1)) : undefined;
    const server = this.backend.admit(tried) ?? this.backend.admit();
    if (server !== undefined) this.#admitted(server);
    else {
      this.waiting++;
      const admitted = (chosen: UpstreamServer) => {
        this.waiting--;
        this.#admitted(chosen);
      };
      this.backend.hold({ admitted, expired: () => {} }, Number.POSITIVE_INFINITY);
    }
  }

  #admitted(server: UpstreamServer): void {
    const place = this.placeOf(server);
    expect(server.state).toBe('ready');
    const pools: readonly Place[] = ['ready', 'canary', 'other canary'];
    expect(this.weights[pools.indexOf(place)]).toBeGreaterThan(0);
    this.inFlight.push(server);
  }

  #answerCheck(at: number, passes: boolean): void {
    const pending = this.#probes.splice(at % Math.max(1, this.#probes.length), 1)[0];
    pending?.judge(passes);
  }

  placeOf(server: UpstreamServer): Place {
    return this.places[IDS.findIndex((id, at) => serverKey(id, 20000 + at) === server.key)]!;
  }

  #spec(): Spec {
    const pool = (name: Place, others: readonly Place[]) =>
      this.places.flatMap((place, at): BackendServer[] => {
        if (place !== name && !others.includes(place)) return [];
        const State = place === 'draining' ? 'draining' : 'ready';
        return [{ AllocID: IDS[at]!, Address: '127.0.0.1', Port: 20000 + at, Version: 0, State }];
      });
    return {
      ID: 'default/web/web',
      Service: 'web',
      HoldMs: 10_000,
      DrainDeadlineMs: 0,
      Check: null,
      Pools: [
        { Name: 'stable', Weight: this.weights[0], Servers: pool('ready', ['draining']) },
        { Name: 'canary', Group: 'a', Weight: this.weights[1], Servers: pool('canary', []) },
        { Name: 'canary', Group: 'b', Weight: this.weights[2], Servers: pool('other canary', []) },
      ],
    };
  }
}

describe('a backend, whatever happens to it', () => {
  it('sends requests only where the table and the last check allow it, and calls drained what is empty', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const world = new World();
        for (const each of steps) {
          world.run(each);
          const listed = world.backend.servers();
          expect(listed).toHaveLength(world.places.filter((place) => place !== 'out').length);
          for (const server of listed) {
            const count = world.inFlight.filter((other) => other === server).length;
            expect(server.inFlight).toBe(count);
            if (world.placeOf(server) === 'draining') expect(server.state).toBe(count === 0 ? 'drained' : 'draining');
            else expect(['joining', 'ready', 'unhealthy']).toContain(server.state);
          }
          const isOpen = world.backend.admitsNow;
          if (isOpen) expect(world.waiting).toBe(0);
        }
        for (const server of world.inFlight.splice(0)) server.end();
        world.run({ kind: 'table', places: ['out', 'out', 'out', 'out'], weights: [100, 0, 0] });
        expect(world.backend.isEmpty).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
