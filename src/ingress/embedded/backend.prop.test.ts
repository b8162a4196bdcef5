import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../lib/virtual-clock.ts';
import { type BackendServer, type Backend as Spec, serverKey } from '../../model/ingress.ts';
import { Backend } from './backend.ts';
import type { Probe } from './probe.ts';
import type { UpstreamServer } from './upstream-server.ts';

const IDS = ['a', 'b', 'c', 'd'];
type Place = 'out' | 'ready' | 'canary' | 'draining';

type Step =
  | { readonly kind: 'table'; readonly places: readonly Place[]; readonly weight: number }
  | { readonly kind: 'request' }
  | { readonly kind: 'end'; readonly which: number }
  | { readonly kind: 'check'; readonly which: number; readonly passes: boolean }
  | { readonly kind: 'refuse'; readonly which: number };

const which = fc.nat({ max: 50 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('table' as const),
    places: fc.array(fc.constantFrom<Place>('out', 'ready', 'canary', 'draining'), { minLength: 4, maxLength: 4 }),
    weight: fc.constantFrom(0, 1, 50, 100),
  }),
  fc.record({ kind: fc.constant('request' as const) }),
  fc.record({ kind: fc.constant('request' as const) }),
  fc.record({ kind: fc.constant('end' as const), which }),
  fc.record({ kind: fc.constant('check' as const), which, passes: fc.boolean() }),
  fc.record({ kind: fc.constant('check' as const), which, passes: fc.constant(true) }),
  fc.record({ kind: fc.constant('refuse' as const), which }),
);

/** A backend whose checks answer when the test says so, and a naive account of what is in flight where. */
class World {
  readonly clock = new VirtualClock();
  places: readonly Place[] = ['out', 'out', 'out', 'out'];
  weight = 0;
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
        this.weight = each.weight;
        this.backend.apply(this.#spec());
        break;
      case 'request':
        this.#request();
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

  #request(): void {
    const server = this.backend.admit();
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
    expect(['ready', 'canary']).toContain(place);
    if (this.hasBothPools()) {
      if (this.weight === 0) expect(place).toBe('ready');
      if (this.weight === 100) expect(place).toBe('canary');
    }
    this.inFlight.push(server);
  }

  #answerCheck(at: number, passes: boolean): void {
    const pending = this.#probes.splice(at % Math.max(1, this.#probes.length), 1)[0];
    pending?.judge(passes);
  }

  placeOf(server: UpstreamServer): Place {
    return this.places[IDS.findIndex((id, at) => serverKey(id, 20000 + at) === server.key)]!;
  }

  hasBothPools(): boolean {
    return this.places.includes('ready') && this.places.includes('canary');
  }

  #spec(): Spec {
    const pool = (name: Place, others: readonly Place[]) =>
      this.places.flatMap((place, at): BackendServer[] => {
        if (place !== name && !others.includes(place)) return [];
        const State = place === 'draining' ? 'draining' : 'ready';
        return [{ AllocID: IDS[at]!, Address: '127.0.0.1', Port: 20000 + at, Version: 0, State }];
      });
    const share = this.hasBothPools() ? this.weight : this.places.includes('canary') ? 100 : 0;
    return {
      ID: 'default/web/web',
      Service: 'web',
      HoldMs: 10_000,
      DrainDeadlineMs: 0,
      Check: null,
      Pools: [
        { Name: 'stable', Weight: 100 - share, Servers: pool('ready', ['draining']) },
        { Name: 'canary', Weight: share, Servers: pool('canary', []) },
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
        world.run({ kind: 'table', places: ['out', 'out', 'out', 'out'], weight: 0 });
        expect(world.backend.isEmpty).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
