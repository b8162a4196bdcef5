/**
 * Keeps `Allocation.Traffic`: what every ingress has acknowledged about every instance that takes requests. It is the
 * only writer of that field; the node waits for `Drained` before it kills, and counts `Ready` as a part of health.
 *
 * An ingress's word lives in memory: after a restart of the server each ingress says it again within two seconds, and
 * until then it owes.
 */
import type { Clock, Timer } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Service } from '../lib/service.ts';
import { Wakeup } from '../lib/wakeup.ts';
import type { Allocation } from '../model/allocation.ts';
import { isClientTerminal, isDesiredTerminal } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import { type IngressReport, type IngressServerStatus, serverKey } from '../model/ingress.ts';
import { drainProceeds, ingressPorts, takesRequests } from '../model/ingress-services.ts';
import { findGroup, type TaskGroup } from '../model/job.ts';
import type { DeploymentTraffic } from '../model/version-figures.ts';
import type { State } from '../state/state.ts';
import type { Change, ReadTx } from '../state/types.ts';
import { DeploymentFigures } from './deployment-figures.ts';
import { decideTraffic, type IngressWord } from './traffic-decision.ts';

/** An ingress renews every 2 s; after this it no longer speaks for itself. */
export const LEASE_MS = 10_000;

interface Word {
  readonly report: IngressReport;
  readonly leaseUntilMs: number;
}

/** The index of the routing table as it is now. */
export type TableIndex = (tx: ReadTx) => number;

export interface TrafficOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: nobody follows a table. */
  readonly tableIndex?: TableIndex;
}

export class Traffic implements Service {
  readonly id = 'traffic';
  readonly #state: State;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #wakeup = new Wakeup();
  readonly #words = new Map<string, Word>();
  readonly #due = new Set<string>();
  /** Of those that are to stop: the routing table from which on ingresses speak of that; 0: they said nothing before. */
  readonly #drainIndexes = new Map<string, number>();
  readonly #tableIndex: TableIndex;
  #allDue = true;
  #leaseTimer: Timer | undefined;
  readonly #figures: DeploymentFigures;

  constructor(options: TrafficOptions) {
    this.#state = options.state;
    this.#tableIndex = options.tableIndex ?? (() => 0);
    this.#clock = options.clock;
    this.#log = options.log;
    this.#figures = new DeploymentFigures(options.clock, () => this.reports().map(({ report }) => report));
  }

  async run(signal: AbortSignal): Promise<void> {
    for (const deployment of this.#state.view((tx) => [...tx.deployments()])) this.#figures.observe(deployment);
    this.#wakeup.ring();
    while (!signal.aborted) {
      await this.#wakeup.wait(signal);
      await this.#settle();
    }
    this.#leaseTimer?.cancel();
  }

  /** An ingress speaks: its lease is renewed, and what it says anew is looked at. */
  report(report: IngressReport): void {
    const before = this.#words.get(report.ID);
    this.#figures.report(before?.report, report);
    const wasPresent = before !== undefined && before.leaseUntilMs > this.#clock.nowMs();
    this.#words.set(report.ID, { report, leaseUntilMs: this.#clock.nowMs() + LEASE_MS });
    if (!wasPresent) this.#allDue = true;
    for (const key of changedKeys(before?.report.Servers ?? {}, report.Servers))
      this.#due.add(key.slice(0, key.lastIndexOf(':')));
    if (before?.report.AppliedIndex !== report.AppliedIndex)
      for (const id of this.#drainIndexes.keys()) this.#due.add(id);
    this.#armLeaseTimer();
    if (this.#allDue || this.#due.size > 0) this.#wakeup.ring();
  }

  /** The ingress has left in order. */
  remove(ingressId: string): void {
    this.#words.delete(ingressId);
    this.#lookAtAll();
  }

  /** The newest report of every ingress, for status and figures. */
  reports(): readonly { readonly report: IngressReport; readonly leaseUntilMs: number }[] {
    return [...this.#words.values()];
  }

  /** What each version has served since it began. */
  ofDeployment(deploymentId: string): DeploymentTraffic | undefined {
    return this.#figures.of(deploymentId);
  }

  observe(change: Change): void {
    if (change.table === 'deployments' && change.after) this.#figures.observe(change.after as Deployment);
    if (change.table === 'ingresses') this.#lookAtAll();
    if (change.table !== 'allocs') return;
    const before = change.before as Allocation | undefined;
    const after = change.after as Allocation | undefined;
    if (after === undefined || isClientTerminal(after)) this.#drainIndexes.delete(change.key);
    if (after === undefined) return;
    const isSame = before?.DesiredStatus === after.DesiredStatus && before.JobVersion === after.JobVersion;
    if (isSame && before.Ingress === after.Ingress) return;
    this.#due.add(after.ID);
    this.#wakeup.ring();
  }

  #lookAtAll(): void {
    this.#allDue = true;
    this.#wakeup.ring();
  }

  async #settle(): Promise<void> {
    const changed = this.#state.view((tx) => this.#decide(tx));
    if (changed.length === 0) return;
    await this.#state
      .update((tx) => {
        for (const { ID, Traffic: traffic } of changed) {
          const alloc = tx.alloc(ID);
          if (alloc && traffic) tx.putAlloc({ ...alloc, Traffic: traffic }, { serverSide: true });
        }
      })
      .catch((error) => this.#log.error({ error }, 'traffic figures not written'));
  }

  #decide(tx: ReadTx): Pick<Allocation, 'ID' | 'Traffic'>[] {
    const due = this.#allDue ? [...tx.allocs()] : [...this.#due].map((id) => tx.alloc(id));
    this.#allDue = false;
    this.#due.clear();
    const ingresses = this.#ingresses(tx);
    const changed: Pick<Allocation, 'ID' | 'Traffic'>[] = [];
    for (const alloc of due) {
      if (!alloc || isClientTerminal(alloc)) continue;
      const group = groupOf(tx, alloc);
      if (!group || !takesRequests(group, alloc)) continue;
      const ports = ingressPorts(group, alloc);
      const traffic = decideTraffic({
        alloc,
        ports,
        ingresses,
        proceeds: drainProceeds(group),
        drainIndex: this.#drainIndex(tx, alloc, ports, ingresses),
        nowMs: this.#clock.nowMs(),
      });
      if (traffic !== alloc.Traffic) changed.push({ ID: alloc.ID, Traffic: traffic });
    }
    return changed;
  }

  /** Found at the first look after it was told to stop: what an ingress says then may be of a table from before. */
  #drainIndex(tx: ReadTx, alloc: Allocation, ports: readonly number[], ingresses: readonly IngressWord[]): number {
    if (!isDesiredTerminal(alloc)) return 0;
    const isSaid = () => ingresses.some((ingress) => saysItLeaves(ingress, alloc.ID, ports));
    const index = this.#drainIndexes.get(alloc.ID) ?? (isSaid() ? this.#tableIndex(tx) : 0);
    this.#drainIndexes.set(alloc.ID, index);
    return index;
  }

  /** Every ingress that the state knows, whether or not it has spoken since the server started. */
  #ingresses(tx: ReadTx): IngressWord[] {
    return tx.ingresses().map(({ ID, Name }) => {
      const word = this.#words.get(ID);
      return {
        name: Name,
        holdsLease: word !== undefined && word.leaseUntilMs > this.#clock.nowMs(),
        appliedIndex: word?.report.AppliedIndex ?? 0,
        servers: word?.report.Servers ?? {},
      };
    });
  }

  /** Wakes when the next lease runs out: then its ingress no longer counts for readiness. */
  #armLeaseTimer(): void {
    if (this.#leaseTimer) return;
    const now = this.#clock.nowMs();
    const next = Math.min(...[...this.#words.values()].map((word) => word.leaseUntilMs).filter((until) => until > now));
    if (!Number.isFinite(next)) return;
    this.#leaseTimer = this.#clock.after(next - now + 1, () => {
      this.#leaseTimer = undefined;
      this.#armLeaseTimer();
      if ([...this.#words.values()].some((word) => word.leaseUntilMs <= this.#clock.nowMs())) this.#lookAtAll();
    });
  }
}

function groupOf(tx: ReadTx, alloc: Allocation): TaskGroup | undefined {
  const job = tx.jobVersion(alloc.Namespace, alloc.JobID, alloc.JobVersion);
  return job && findGroup(job, alloc.TaskGroup);
}

const saysItLeaves = ({ servers }: IngressWord, allocId: string, ports: readonly number[]): boolean =>
  ports.some((port) => ['draining', 'drained'].includes(servers[serverKey(allocId, port)]?.State ?? ''));

function changedKeys(
  before: Record<string, IngressServerStatus>,
  after: Record<string, IngressServerStatus>,
): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => before[key]?.State !== after[key]?.State);
}
