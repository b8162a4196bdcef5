/**
 * Keeps the Consul agent beside this node saying what its allocations want, and tells what Consul found of their checks.
 * Level-triggered: each turn reads what is registered, compares, and does what is missing, so a Consul that was started
 * anew, or an earlier agent that left something behind, is a turn like any other.
 *
 *   wanted (of each allocation) ─┐
 *   services, checks of Consul ──┴▶ plan ▸ register, deregister, maintain ▸ report scripts' results ▸ statuses
 *
 * While Consul does not answer, what it said last stands: its outage is nobody's ill health.
 */
import { backoffMs } from '../../lib/backoff.ts';
import { type Clock, sleep } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import type { Service } from '../../lib/service.ts';
import { Conditions } from '../conditions.ts';
import type { ConsulApi, ConsulCheck, ConsulRegistration, ConsulSelf, ConsulStatus } from './consul-api.ts';
import { definitionOf, type Observed, planSync } from './consul-plan.ts';
import { idPrefixOf, type WantedService } from './consul-registrations.ts';

export interface ConsulSyncOptions {
  readonly api: ConsulApi;
  readonly nodeId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What Consul says of a check. */
export interface ConsulFinding {
  readonly status: ConsulStatus;
  readonly output: string;
}

interface Report extends ConsulFinding {
  readonly isSent: boolean;
}

/** Consul makes no check more often than once a second. */
const LOOK_MS = 1_000;
/** While a check is still to pass, a deployment waits for it. */
const LOOK_SOON_MS = 250;
const LOOK_IDLE_MS = 30_000;
const RETRY = { firstMs: 200, maxMs: 5_000 };

/** As constraints name them; none while Consul does not answer, so that nothing is placed that waits for it. */
export async function consulAttributes(sync: ConsulSync | undefined): Promise<Record<string, string>> {
  const self = await sync?.self();
  if (self === undefined) return {};
  return {
    'consul.version': self.version,
    'consul.datacenter': self.datacenter,
    'consul.server': String(self.isServer),
    'unique.consul.name': self.nodeName,
  };
}

export class ConsulSync implements Service {
  readonly id = 'consul';
  readonly #options: ConsulSyncOptions;
  readonly #prefix: string;
  readonly #wanted = new Map<string, readonly WantedService[]>();
  /** By id, what this agent has registered. */
  readonly #registered = new Map<string, string>();
  /** What Consul is known to have of ours. */
  #present = new Set<string>();
  readonly #findings = new Map<string, ConsulFinding>();
  readonly #reports = new Map<string, Report>();
  readonly #changes = new Conditions();
  #woken = new AbortController();
  #trouble: string | undefined;

  constructor(options: ConsulSyncOptions) {
    this.#options = options;
    this.#prefix = idPrefixOf(options.nodeId);
  }

  /** Why Consul cannot be asked; undefined while it answers. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Asked for the node's fingerprint; undefined while it does not answer. */
  async self(): Promise<ConsulSelf | undefined> {
    return this.#options.api.self(AbortSignal.timeout(SELF_WITHIN_MS)).catch(() => undefined);
  }

  /** What is to be registered for an allocation from now on; nothing, once it is to get no more requests. */
  want(allocId: string, services: readonly WantedService[]): void {
    const before = this.#wanted.get(allocId) ?? [];
    if (services.length === 0) this.#wanted.delete(allocId);
    else this.#wanted.set(allocId, services);
    if (summaryOf(before) !== summaryOf(services)) this.#wake();
  }

  /** Resolves with true when Consul has nothing of the allocation any more. */
  async gone(allocId: string, deadlineMs: number, signal: AbortSignal): Promise<boolean> {
    const prefix = `${this.#prefix}${allocId}-`;
    const isGone = () => ![...this.#present].some((id) => id.startsWith(prefix));
    return this.#changes.until(isGone, this.#options.clock, deadlineMs, signal);
  }

  finding(checkId: string): ConsulFinding | undefined {
    return this.#findings.get(checkId);
  }

  /** Resolves when Consul says something else of the check than `before`, or at the deadline. */
  async news(
    checkId: string,
    before: ConsulStatus | undefined,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const isNews = () => {
      const now = this.#findings.get(checkId)?.status;
      return now !== undefined && now !== before;
    };
    await this.#changes.until(isNews, this.#options.clock, deadlineMs, signal);
  }

  /** The result of a script, which Consul cannot run itself. */
  report(checkId: string, status: ConsulStatus, output: string): void {
    const before = this.#reports.get(checkId)?.status;
    this.#reports.set(checkId, { status, output, isSent: false });
    // One that only says that all is as it was can wait for the next turn: its time to live is long.
    if (status !== before) this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      this.#woken = new AbortController();
      try {
        await this.#turn(signal);
        if (failures > 0) this.#options.log.info({ failures }, 'Consul answers again');
        failures = 0;
        this.#trouble = undefined;
        await this.#pause(this.#paceMs(), signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#noteTrouble(messageOf(error), failures);
        await sleep(this.#options.clock, backoffMs(failures++, RETRY, this.#options.random), signal);
      }
      this.#changes.look();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const observed = await this.#observe(signal);
    const wanted = [...this.#wanted.values()].flat();
    const plan = planSync({ prefix: this.#prefix, wanted, observed, registered: this.#registered });
    // What Consul refuses of one service must not keep the others waiting: each is tried, then the first refusal told.
    const refusals = [
      ...(await this.#each(plan.deregister, (id) => this.#deregister(id, signal), signal)),
      ...(await this.#each(plan.register, (service) => this.#register(service, signal), signal)),
      ...(await this.#each(plan.maintain, ({ id, isOn }) => this.#options.api.maintain(id, isOn, signal), signal)),
      ...(await this.#sendReports(new Set(wanted.flatMap(checkIdsOf)), signal)),
    ];
    if (refusals.length > 0) throw refusals[0];
    this.#changes.look();
  }

  async #observe(signal: AbortSignal): Promise<Observed> {
    const [services, checks] = await Promise.all([
      this.#options.api.services(signal),
      this.#options.api.checks(signal),
    ]);
    this.#present = new Set(services.map(({ ID }) => ID).filter((id) => id.startsWith(this.#prefix)));
    this.#takeFindings(checks);
    return { services, checks };
  }

  /** What Consul has forgotten is not news: it is registered again with the status that it had. */
  #takeFindings(checks: readonly ConsulCheck[]): void {
    for (const { CheckID, Status, Output } of checks) {
      if (this.#prefix !== CheckID.slice(0, this.#prefix.length)) continue;
      this.#findings.set(CheckID, { status: Status, output: Output });
    }
    const wanted = new Set([...this.#wanted.values()].flat().flatMap(checkIdsOf));
    for (const id of this.#findings.keys()) if (!wanted.has(id)) this.#findings.delete(id);
    this.#changes.look();
  }

  async #each<T>(items: readonly T[], act: (item: T) => Promise<void>, signal: AbortSignal): Promise<unknown[]> {
    const refusals: unknown[] = [];
    for (const item of items) {
      if (signal.aborted) return refusals;
      await act(item).catch((error: unknown) => refusals.push(error));
    }
    return refusals;
  }

  async #register(service: ConsulRegistration, signal: AbortSignal): Promise<void> {
    await this.#options.api.register(service, signal);
    this.#registered.set(service.ID, definitionOf(service));
    this.#present.add(service.ID);
    this.#options.log.info({ service: service.Name, id: service.ID }, 'service registered with Consul');
  }

  async #deregister(id: string, signal: AbortSignal): Promise<void> {
    await this.#options.api.deregister(id, signal);
    this.#registered.delete(id);
    this.#present.delete(id);
    this.#options.log.info({ id }, 'service removed from Consul');
  }

  async #sendReports(known: ReadonlySet<string>, signal: AbortSignal): Promise<unknown[]> {
    for (const id of this.#reports.keys()) if (!known.has(id)) this.#reports.delete(id);
    const due = [...this.#reports].filter(([, { isSent }]) => !isSent);
    return this.#each(due, ([id, report]) => this.#send(id, report, signal), signal);
  }

  async #send(id: string, report: Report, signal: AbortSignal): Promise<void> {
    await this.#options.api.report(id, report.status, report.output, signal);
    // Another result may have come meanwhile.
    if (this.#reports.get(id) === report) this.#reports.set(id, { ...report, isSent: true });
  }

  #paceMs(): number {
    const ids = [...this.#wanted.values()].flat().flatMap(checkIdsOf);
    if (this.#wanted.size === 0 && this.#present.size === 0) return LOOK_IDLE_MS;
    return ids.every((id) => this.#findings.get(id)?.status === 'passing') ? LOOK_MS : LOOK_SOON_MS;
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const woken = this.#woken.signal;
    const end = () => this.#wake();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    await sleep(this.#options.clock, ms, woken);
    signal.removeEventListener('abort', end);
  }

  #wake(): void {
    this.#woken.abort();
  }

  /** The first time, and then as it goes on: every look fails in the same way. */
  #noteTrouble(trouble: string, failures: number): void {
    this.#trouble = trouble;
    if (failures === 0) this.#options.log.warn({ error: trouble }, 'Consul cannot be kept in step; trying again');
    else if (failures % 20 === 0) this.#options.log.error({ error: trouble, failures }, 'Consul is still away');
  }
}

const SELF_WITHIN_MS = 2_000;

const checkIdsOf = ({ registration }: WantedService): string[] => registration.Checks.map(({ CheckID }) => CheckID);

/** A check's status is Consul's own affair, once it is registered. */
const summaryOf = (services: readonly WantedService[]): string =>
  services.map(({ registration, isResting }) => `${definitionOf(registration)} ${isResting}`).join('\n');
