import { describe, expect, it } from 'vitest';
import { silentLog } from '../lib/log.ts';
import { seededRandom } from '../lib/random.ts';
import { VirtualClock } from '../lib/virtual-clock.ts';
import type { IngressProblem, IngressReport, IngressServerStatus, RoutingTable } from '../model/ingress.ts';
import type { ControlPlane } from './control-plane.ts';
import type { DataPlane } from './data-plane.ts';
import { Ingress, REPORT_INTERVAL_MS } from './ingress.ts';

const table = (index: number): RoutingTable => ({ Index: index, Frontends: [] });

/** A server in memory: its table can be replaced, it can be gone, and it notes what it was told. */
class MemoryControlPlane implements ControlPlane {
  readonly reports: { atMs: number; report: IngressReport }[] = [];
  readonly left: string[] = [];
  isGone = false;
  /** Answers a question for the table only once it has a new one. */
  isSilent = false;
  #table = table(1);
  #waiting: (() => void)[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  publish(next: RoutingTable): void {
    this.#table = next;
    this.isSilent = false;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async watchTable(afterIndex: number, signal: AbortSignal): Promise<RoutingTable> {
    if (this.isGone) throw new Error('connection refused');
    while ((this.#table.Index === afterIndex || this.isSilent) && !signal.aborted) {
      await new Promise<void>((wake) => {
        this.#waiting.push(wake);
        signal.addEventListener('abort', () => wake(), { once: true });
      });
    }
    return this.#table;
  }

  async report(report: IngressReport): Promise<void> {
    if (this.isGone) throw new Error('connection refused');
    this.reports.push({ atMs: this.#clock.nowMs(), report });
  }

  async leave(ingressId: string): Promise<void> {
    this.left.push(ingressId);
  }
}

class MemoryDataPlane implements DataPlane {
  readonly name = 'embedded';
  readonly applied: number[] = [];
  states: Record<string, IngressServerStatus> = {};
  readonly onChange: () => void;

  constructor(onChange: () => void) {
    this.onChange = onChange;
  }

  apply(next: RoutingTable): void {
    this.applied.push(next.Index);
  }

  appliedIndex(): number {
    return this.applied.at(-1) ?? 0;
  }

  statuses(): Record<string, IngressServerStatus> {
    return this.states;
  }

  figures(): [] {
    return [];
  }

  problems(): IngressProblem[] {
    return [];
  }

  run(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }
}

interface Start {
  readonly last?: RoutingTable;
  readonly isGone?: boolean;
  readonly isSilent?: boolean;
}

function start({ last, isGone = false, isSilent = false }: Start = {}) {
  const clock = new VirtualClock();
  const control = new MemoryControlPlane(clock);
  control.isGone = isGone;
  control.isSilent = isSilent;
  const kept: number[] = [];
  let plane!: MemoryDataPlane;
  const ingress = new Ingress({
    ingressId: 'i1',
    name: 'edge',
    control,
    dataPlane: (onChange) => {
      plane = new MemoryDataPlane(onChange);
      return plane;
    },
    tables: { lastTable: async () => last, keepTable: async ({ Index }) => void kept.push(Index) },
    clock,
    random: seededRandom('test'),
    log: silentLog,
  });
  const stopping = new AbortController();
  const ended = ingress.run(stopping.signal);
  const stop = async () => {
    stopping.abort();
    await clock.advance(10);
    await ended;
  };
  return { clock, control, plane, kept, stop };
}

describe('an ingress', () => {
  it('applies each table and tells its index within milliseconds', async () => {
    const { clock, control, plane, kept, stop } = start();
    await clock.advance(5);
    control.publish(table(2));
    await clock.advance(5);
    expect(plane.applied).toEqual([1, 2]);
    expect(kept).toEqual([1, 2]);
    expect(control.reports.at(-1)?.report).toMatchObject({ ID: 'i1', Name: 'edge', AppliedIndex: 2 });
    await stop();
  });

  it('tells changes that come together in one report', async () => {
    const { clock, control, plane, stop } = start();
    await clock.advance(100);
    const before = control.reports.length;
    for (const State of ['ready', 'draining', 'drained'] as const) {
      plane.states = { 'a:1': { State, InFlight: 0 } };
      plane.onChange();
    }
    await clock.advance(10);
    expect(control.reports.slice(before).map(({ report }) => report.Servers)).toEqual([
      { 'a:1': { State: 'drained', InFlight: 0 } },
    ]);
    await stop();
  });

  it('renews its lease every two seconds while nothing changes', async () => {
    const { clock, control, stop } = start();
    await clock.advance(100);
    const before = control.reports.length;
    await clock.advance(5 * (REPORT_INTERVAL_MS + 10));
    expect(control.reports.length - before).toBe(5);
    await stop();
  });

  it('starts from the last table that it knew while no server answers, and follows the server when it does', async () => {
    const { clock, control, plane, stop } = start({ last: table(7), isGone: true });
    await clock.advance(10_000);
    expect(plane.applied).toEqual([7]);
    expect(control.reports).toEqual([]);
    control.isGone = false;
    await clock.advance(2500);
    expect(plane.applied).toEqual([7, 1]);
    expect(control.reports.at(-1)?.report.AppliedIndex).toBe(1);
    await stop();
  });

  it('asks the server first: the table on disk may name ports that others have by now', async () => {
    const { clock, plane, stop } = start({ last: table(7) });
    await clock.advance(1000);
    expect(plane.applied).toEqual([1]);
    await stop();
  });

  it('takes the table on disk when the server is there but silent', async () => {
    const { clock, control, plane, stop } = start({ last: table(7), isSilent: true });
    await clock.advance(190);
    expect(plane.applied).toEqual([]);
    await clock.advance(20);
    expect(plane.applied).toEqual([7]);
    control.publish(table(8));
    await clock.advance(10);
    expect(plane.applied).toEqual([7, 8]);
    await stop();
  });

  it('applies nothing twice: the table from disk may be the present one', async () => {
    const { clock, control, plane, stop } = start({ last: table(1), isGone: true });
    await clock.advance(100);
    control.isGone = false;
    await clock.advance(1000);
    expect(plane.applied).toEqual([1]);
    await stop();
  });

  it('follows a server whose indexes start anew', async () => {
    const { clock, control, plane, stop } = start();
    await clock.advance(5);
    control.publish(table(50));
    await clock.advance(5);
    control.publish(table(3));
    await clock.advance(5);
    expect(plane.applied).toEqual([1, 50, 3]);
    await stop();
  });

  it('says that it owes nothing any more once its traffic has ended', async () => {
    const { clock, control, stop } = start();
    await clock.advance(5);
    await stop();
    expect(control.left).toEqual(['i1']);
  });
});
