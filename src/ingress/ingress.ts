/**
 * The control loop of an ingress: follows the routing table, has the data plane apply it, tells the server what came of
 * it. Traffic never waits for any of this: without a server the last table goes on.
 */
import { backoffMs } from '../lib/backoff.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Random } from '../lib/random.ts';
import type { Service } from '../lib/service.ts';
import { Wakeup } from '../lib/wakeup.ts';
import type { IngressReport, RoutingTable } from '../model/ingress.ts';
import type { ControlPlane } from './control-plane.ts';
import type { DataPlane } from './data-plane.ts';

export interface IngressOptions {
  readonly ingressId: string;
  readonly name: string;
  readonly control: ControlPlane;
  /**
   * Makes the data plane; `onChange` is to be called whenever its statuses or problems change, `refresh` when it may have
   * missed a table: it resolves when the newest one is applied, or none is to be had at once.
   */
  readonly dataPlane: (onChange: () => void, refresh: () => Promise<void>) => DataPlane;
  readonly tables: {
    lastTable(): Promise<RoutingTable | undefined>;
    keepTable(table: RoutingTable): Promise<void>;
  };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The lease holds for 10 s; it is renewed this often even when nothing changes. */
export const REPORT_INTERVAL_MS = 2000;
/** How long the server has for its first answer before the table on disk is taken. */
const SERVER_FIRST_MS = 200;
/** Requests wait for it meanwhile. */
const REFRESH_WITHIN_MS = 1000;
const REFRESH_AGAIN_MS = 25;
/** Changes that come together are told together. */
const COALESCE_MS = 2;
/** Short: a server that is back waits for this ingress's word before it lets anything drain. */
const BACKOFF = { firstMs: 25, maxMs: 500 };
const WARN_FROM_ATTEMPT = 4;

export class Ingress implements Service {
  readonly id = 'ingress';
  readonly #options: IngressOptions;
  readonly #dataPlane: DataPlane;
  readonly #changed = new Wakeup();
  readonly #toKeep = new Wakeup();
  /** The server was asked for a table, whatever came of it. */
  readonly #hasAsked = new Wakeup();
  #table: RoutingTable | undefined;
  readonly #startedMs: number;

  constructor(options: IngressOptions) {
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
    this.#dataPlane = options.dataPlane(
      () => this.#changed.ring(),
      () => this.#refresh(),
    );
  }

  /**
   * Stop order: no new connection, what is in flight ends (and is still reported), then the server is told that this
   * ingress owes nothing any more.
   */
  async run(signal: AbortSignal): Promise<void> {
    const stopped = new AbortController();
    const loops = [
      this.#watch(signal),
      this.#startFromLastTable(signal),
      this.#report(stopped.signal),
      this.#keepTables(signal),
    ];
    await this.#dataPlane.run(signal);
    stopped.abort();
    await Promise.all(loops);
    await this.#leave();
  }

  /** What the data plane was told last; undefined: nothing yet. */
  get table(): RoutingTable | undefined {
    return this.#table;
  }

  /** What it would tell the server now. */
  snapshot(): IngressReport {
    const problems = this.#dataPlane.problems();
    return {
      ID: this.#options.ingressId,
      Name: this.#options.name,
      DataPlane: this.#dataPlane.name,
      StartedMs: this.#startedMs,
      AppliedIndex: this.#dataPlane.appliedIndex(),
      Servers: this.#dataPlane.statuses(),
      Problems: problems,
      Figures: this.#dataPlane.figures(),
    };
  }

  /** Only where the server does not answer at once: what is on disk may name ports that others have by now. */
  async #startFromLastTable(signal: AbortSignal): Promise<void> {
    const { tables, log, clock } = this.#options;
    const last = await tables.lastTable().catch((error: unknown) => {
      log.error({ error: messageOf(error) }, 'the last routing table could not be read');
      return undefined;
    });
    const timer = clock.after(SERVER_FIRST_MS, () => this.#hasAsked.ring());
    await this.#hasAsked.wait(signal);
    timer.cancel();
    if (last === undefined || this.#table !== undefined || signal.aborted) return;
    log.warn({ index: last.Index }, 'no routing table from the server; starting with the last one');
    this.#apply(last);
  }

  /** The first question is always for the present table: the one from disk may be of another life of the server. */
  async #watch(signal: AbortSignal): Promise<void> {
    let afterIndex = 0;
    let attempt = 0;
    while (!signal.aborted) {
      const table = await this.#ask(afterIndex, attempt, signal);
      if (table !== undefined && !signal.aborted) this.#take(table);
      this.#hasAsked.ring();
      const isNews = table !== undefined && table.Index !== afterIndex;
      attempt = table === undefined ? attempt + 1 : 0;
      afterIndex = table?.Index ?? 0;
      if (!isNews) await this.#backOff(attempt, signal);
    }
  }

  async #ask(afterIndex: number, attempt: number, signal: AbortSignal): Promise<RoutingTable | undefined> {
    try {
      return await this.#options.control.watchTable(afterIndex, signal);
    } catch (error) {
      if (!signal.aborted) this.#complain(attempt, error, 'no routing table from the server; the last one goes on');
      return undefined;
    }
  }

  /** A connection that was kept over a long sleep may be dead: it is asked again. */
  async #refresh(): Promise<void> {
    const { control, clock, log } = this.#options;
    const limit = new AbortController();
    const timer = clock.after(REFRESH_WITHIN_MS, () => limit.abort());
    log.warn({}, 'this process has slept; requests wait for the routing table of now');
    while (!limit.signal.aborted) {
      const table = await control.watchTable(0, limit.signal).catch(() => undefined);
      if (table !== undefined) {
        timer.cancel();
        return this.#take(table);
      }
      await sleep(clock, REFRESH_AGAIN_MS, limit.signal);
    }
    log.warn({}, 'no routing table from the server after a sleep; the last one goes on');
  }

  #take(table: RoutingTable): void {
    if (table.Index === this.#table?.Index && sameText(table, this.#table)) return;
    this.#apply(table);
    this.#toKeep.ring();
  }

  #apply(table: RoutingTable): void {
    this.#table = table;
    this.#dataPlane.apply(table);
    this.#changed.ring();
  }

  /** Off the way of the traffic: a slow disk delays no acknowledgement. */
  async #keepTables(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#toKeep.wait(signal);
      const table = this.#table;
      if (table === undefined) continue;
      await this.#options.tables.keepTable(table).catch((error: unknown) => {
        this.#options.log.error({ error: messageOf(error) }, 'the routing table could not be kept on disk');
      });
    }
  }

  async #report(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    while (!signal.aborted) {
      await sleep(this.#options.clock, COALESCE_MS, signal);
      const isTold = signal.aborted || (await this.#tell(attempt, signal));
      attempt = isTold ? 0 : attempt + 1;
      if (isTold) await this.#changeOrInterval(signal);
      else await this.#backOff(attempt, signal);
    }
  }

  async #tell(attempt: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#options.control.report(this.snapshot(), signal);
      return true;
    } catch (error) {
      if (!signal.aborted) this.#complain(attempt, error, 'the server does not take this ingress’s report');
      return false;
    }
  }

  async #changeOrInterval(signal: AbortSignal): Promise<void> {
    const timer = this.#options.clock.after(REPORT_INTERVAL_MS, () => this.#changed.ring());
    await this.#changed.wait(signal);
    timer.cancel();
  }

  async #leave(): Promise<void> {
    const { control, ingressId, log } = this.#options;
    await control.leave(ingressId).catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, 'the server could not be told that this ingress has ended');
    });
  }

  #backOff(attempt: number, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    return sleep(clock, backoffMs(Math.max(0, attempt - 1), BACKOFF, random), signal);
  }

  #complain(attempt: number, error: unknown, message: string): void {
    const { log } = this.#options;
    if (attempt === WARN_FROM_ATTEMPT) log.warn({ error: messageOf(error) }, message);
    else log.debug({ error: messageOf(error), attempt }, message);
  }
}

const sameText = (a: RoutingTable, b: RoutingTable): boolean => JSON.stringify(a) === JSON.stringify(b);
