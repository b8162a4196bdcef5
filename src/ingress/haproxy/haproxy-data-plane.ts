/**
 * The data plane that steers HAProxy: it looks at every worker, compares with what the table wants, and sends the
 * least that makes the difference. Level-triggered: whatever went wrong in one turn is found and mended in the next.
 */
import { type Clock, sleep } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { ProcessId } from '../../lib/process-id.ts';
import { Wakeup } from '../../lib/wakeup.ts';
import type { IngressFigure, IngressProblem, IngressServerStatus, RoutingTable } from '../../model/ingress.ts';
import { serverKey } from '../../model/ingress.ts';
import type { DataPlane } from '../data-plane.ts';
import { DEFAULT_SETTINGS, type IngressSettings } from '../settings.ts';
import { CertificateFolders, type CertificateSource } from './certificate-folders.ts';
import { difference, isDiverted, rowsBySlot } from './difference.ts';
import { HaproxyFigures } from './figures.ts';
import { haproxyFiles } from './files.ts';
import { FirstChecks } from './first-checks.ts';
import { HaproxyProcess } from './haproxy-process.ts';
import { luaScript } from './lua-script.ts';
import { HOLD_SERVER } from './names.ts';
import { cuts, Deadlines } from './overdue.ts';
import { healthyKeys, presentOf } from './present.ts';
import { RecentlyBusy } from './recently-busy.ts';
import { layoutId, type RenderInput, renderConfig } from './render.ts';
import { askWorker } from './runtime-api.ts';
import { NOT_SEEN, openPorts, type ServerSight, sightsOf, statusesOf } from './server-statuses.ts';
import { Settling } from './settling.ts';
import { Silence } from './silence.ts';
import { type HaproxyTemplate, NO_TEMPLATE } from './template.ts';
import { UnopenedPorts } from './unopened-ports.ts';
import { type Wanted, type WantedServer, wantedOf } from './wanted.ts';
import { type Worker, WorkerReader } from './worker-reader.ts';
import { isResting, isUp, type StatRow } from './worker-state.ts';

export interface HaproxyOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly bindAddress: string;
  /** Its configuration, sockets and log lie here. */
  readonly dir: string;
  /** Something that is worth a report has changed. */
  readonly onChange: () => void;
  /** The program; "haproxy" of the search path if it is not said. */
  readonly binary?: string;
  readonly template?: HaproxyTemplate;
  readonly settings?: EdgeSettings;
  /** For ports with TLS; kept up to date by whoever made them. */
  readonly certificates?: CertificateSource;
  /** How many requests may wait for a server at a time. */
  readonly maxHeld?: number;
  /** How long what is in flight may take when the data plane stops. */
  readonly stopMs?: number;
}

type EdgeSettings = Omit<IngressSettings, 'certificates' | 'maxHeld' | 'dataPlane' | 'haproxy'>;

const STOP_MS = 30_000;
/** How often it looks while something is to happen, while that takes long, and when nothing is; whether HAProxy still runs. */
const LOOK = { soonMs: 4, laterMs: 20, idleMs: 250, aliveMs: 50 } as const;
const SOON_FOR_MS = 1000;
const AFTER_FAILURE_MS = 200;
const WITHOUT_WORKER_MS = 1000;
const END_WITHIN_MS = 1000;
/** A configuration that HAProxy refused is not offered again before it changes or this has passed. */
const TRY_REFUSED_EVERY_MS = 30_000;

export class HaproxyDataPlane implements DataPlane {
  readonly name = 'haproxy';
  readonly #options: HaproxyOptions;
  readonly #process: HaproxyProcess;
  readonly #reader: WorkerReader;
  readonly #figures = new HaproxyFigures();
  readonly #settling = new Settling();
  readonly #deadlines = new Deadlines();
  readonly #recentlyBusy = new RecentlyBusy();
  readonly #silence: Silence;
  readonly #wake = new Wakeup();
  readonly #firstChecks: FirstChecks;
  readonly #certificates: CertificateFolders;
  readonly #ports: UnopenedPorts;
  #table: RoutingTable | undefined;
  /** The table that the last look at HAProxy was for. */
  #lookedFor: RoutingTable | undefined;
  #sights: ReadonlyMap<string, ServerSight> = new Map();
  #healthy: ReadonlySet<string> = new Set();
  #slots: Wanted['slots'] = new Map();
  /** Those that HAProxy had open at the last look: after a crash its dying workers may hold them for a moment. */
  #open: ReadonlySet<number> = new Set();
  #problem: string | undefined;
  #refused: { readonly id: string; readonly atMs: number } | undefined;
  #isJudged = false;
  /** Since when there is no worker that takes requests. */
  #lackedSinceMs: number | undefined;
  #changedMs = 0;
  /** Until then nothing is expected but a crash: a look costs HAProxy the time of some requests. */
  #quietUntilMs = 0;
  #told = '';

  constructor(options: HaproxyOptions) {
    this.#options = options;
    const { clock, log, dir, bindAddress, binary = 'haproxy' } = options;
    const files = haproxyFiles(dir);
    this.#silence = new Silence({ clock, onSilent: (silent) => this.#endSilent(silent) });
    this.#process = new HaproxyProcess({ binary, files, clock, log, silence: this.#silence });
    this.#certificates = new CertificateFolders(dir, options.certificates);
    const certificateProblem = (port: number) => this.#certificates.problem(port);
    this.#ports = new UnopenedPorts({ clock, log, bindAddress, certificateProblem });
    this.#reader = new WorkerReader(files, { clock, silence: this.#silence });
    this.#firstChecks = new FirstChecks(clock, () => this.#wake.ring());
  }

  apply(table: RoutingTable): void {
    this.#table = table;
    this.#changedMs = this.#options.clock.nowMs();
    this.#quietUntilMs = 0;
    this.#figures.learn(table);
    this.#deadlines.learn(table, this.#changedMs);
    this.#wake.ring();
  }

  appliedIndex(): number {
    return this.#lookedFor?.Index ?? 0;
  }

  statuses(): Record<string, IngressServerStatus> {
    if (this.#table === undefined) return {};
    return statusesOf({
      table: this.#table,
      sights: this.#sights,
      settled: this.#settled(),
      open: this.#open,
      requestsOf: (key) => this.#figures.requestsOf(key),
    });
  }

  #settled(): ReadonlySet<string> {
    const isSure = this.#lookedFor === this.#table && !this.#reader.isBlind;
    return isSure ? this.#settling.settled : new Set();
  }

  figures(): IngressFigure[] {
    return this.#figures.snapshot();
  }

  problems(): IngressProblem[] {
    const ports = (this.#table?.Frontends ?? []).map(({ Listen }) => Listen);
    return ports.flatMap((Listen) => {
      const Message = this.#trouble() ?? this.#ports.complaintOf(Listen);
      return Message === undefined ? [] : [{ Listen, Message }];
    });
  }

  /** In words that go on after "the ingress …". */
  #trouble(): string | undefined {
    if (this.#problem === undefined) return undefined;
    return `${this.#process.isRunning ? 'goes on as it was' : 'cannot serve'}: ${this.#problem}`;
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#process.adopt();
    while (!signal.aborted) await this.#sleep(await this.#turn(), signal);
    this.#firstChecks.await([]);
    await this.#stop();
    this.#silence.stop();
  }

  /** One look and what follows from it; gives how long to wait until the next. */
  async #turn(): Promise<number> {
    const table = this.#table;
    if (table === undefined || this.#isQuiet()) return LOOK.aliveMs;
    try {
      const waitMs = await this.#bringAbout(table);
      this.#tell();
      return waitMs;
    } catch (error) {
      this.#complain(messageOf(error));
      return AFTER_FAILURE_MS;
    }
  }

  async #bringAbout(table: RoutingTable): Promise<number> {
    if (!this.#process.isRunning) return this.#start(table);
    const { clock } = this.#options;
    const askedMs = clock.nowMs();
    const workers = await this.#reader.read(await this.#process.workers());
    const current = workers.find(({ isOld }) => !isOld);
    if (current === undefined) return this.#withoutCurrent(workers, askedMs);
    this.#lackedSinceMs = undefined;
    this.#observe(table, workers, current, askedMs);
    const wanted = this.#wanted(table, current);
    if (this.#needsReload(wanted, current)) return this.#reload(wanted);
    this.#firstChecks.await(awaitedServers(wanted, current.rows));
    const isChanged = await this.#command(workers, wanted);
    if (isChanged) return 0;
    if (!this.#reader.isBlind) this.#lookedFor = table;
    if (!this.#isSettled(table, workers)) return this.#soon(askedMs);
    this.#quietUntilMs = askedMs + LOOK.idleMs;
    return LOOK.aliveMs;
  }

  /**
   * For a moment there is none, at a reload. For longer where a reload has failed, which leaves the old worker listening,
   * or where somebody has told HAProxy to end and did not see the end of it: then nobody listens.
   */
  async #withoutCurrent(workers: readonly Worker[], nowMs: number): Promise<number> {
    this.#lackedSinceMs ??= nowMs;
    if (nowMs - this.#lackedSinceMs < WITHOUT_WORKER_MS) return LOOK.soonMs;
    this.#lackedSinceMs = undefined;
    if (workers.some(({ rows }) => rows.some(isListening))) {
      await this.#process.reload();
      return 0;
    }
    this.#options.log.error({}, 'haproxy listens nowhere: what it has in flight is ended, and it starts anew');
    this.#process.stop('now');
    await this.#process.ended(nowMs + END_WITHIN_MS);
    return 0;
  }

  #isQuiet(): boolean {
    return this.#options.clock.nowMs() < this.#quietUntilMs && this.#process.isRunning;
  }

  #observe(table: RoutingTable, workers: readonly Worker[], current: Worker, askedMs: number): void {
    const rows = new Map(workers.map((worker) => [worker.pid, worker.rows] as const));
    this.#sights = sightsOf({ workers: workers.map((worker) => ({ ...worker, isDiverted: isDiverted(worker) })) });
    this.#settling.observe(this.#sights, tableKeys(table), askedMs);
    this.#deadlines.applied((key) => (this.#sights.get(key) ?? NOT_SEEN).isAtRest, askedMs);
    this.#healthy = healthyKeys(current.rows);
    this.#open = openPorts(current.rows, table.Frontends);
    this.#ports.opened(this.#open);
    this.#figures.count(rows);
    for (const { pid, rows: own, latencies } of workers) this.#figures.time(pid, own, latencies);
  }

  #wanted(table: RoutingTable, current: Worker | undefined): Wanted {
    const rows = current?.rows ?? [];
    this.#ports.try(table.Frontends, current === undefined ? this.#open : openPorts(rows, table.Frontends));
    const wanted = wantedOf(
      table,
      presentOf(rows, this.#slots, this.#deadlines.passed(this.#options.clock.nowMs())),
      this.#ports.closed,
    );
    this.#slots = wanted.slots;
    return wanted;
  }

  #needsReload(wanted: Wanted, current: Worker): boolean {
    const id = layoutId(this.#input(wanted));
    if (id === current.layoutId) return false;
    return !this.#wasRefused(id);
  }

  #wasRefused(id: string): boolean {
    const { clock } = this.#options;
    return this.#refused?.id === id && clock.nowMs() - this.#refused.atMs < TRY_REFUSED_EVERY_MS;
  }

  async #reload(wanted: Wanted): Promise<number> {
    await this.#writeFiles(wanted);
    await this.#process.reload();
    this.#problem = undefined;
    return 0;
  }

  /** The first one, or the next after a crash: with everything that is known to be healthy. */
  async #start(table: RoutingTable): Promise<number> {
    if (!this.#isJudged) await this.#process.judgeBinary();
    this.#isJudged = true;
    const wanted = this.#wanted(table, undefined);
    const refusal = await this.#writeFiles(wanted).catch((error: unknown) => messageOf(error));
    if (refusal !== undefined && !this.#process.hasConfig()) throw new Error(refusal);
    await this.#process.start().catch((error: unknown) => {
      this.#open = new Set();
      throw error;
    });
    this.#problem = refusal;
    return 0;
  }

  async #writeFiles(wanted: Wanted): Promise<undefined> {
    const input = { ...this.#input(wanted), servers: healthyServers(wanted, this.#healthy) };
    this.#process.writeMaps(wanted.maps);
    this.#process.writeScript(luaScript(input.files, input.maxHeld));
    try {
      await this.#process.check(renderConfig(input));
    } catch (error) {
      this.#refused = { id: layoutId(input), atMs: this.#options.clock.nowMs() };
      throw error;
    }
  }

  #input(wanted: Wanted): Omit<RenderInput, 'servers'> {
    const { bindAddress, dir, template = NO_TEMPLATE, maxHeld = DEFAULT_SETTINGS.maxHeld } = this.#options;
    const edge = this.#options.settings ?? DEFAULT_SETTINGS;
    const certificates = this.#certificates.folder;
    return { layout: wanted.layout, bindAddress, files: haproxyFiles(dir), template, maxHeld, edge, certificates };
  }

  /** Whether there was anything to do; what came of it shows the next look. */
  async #command(workers: readonly Worker[], wanted: Wanted): Promise<boolean> {
    const files = haproxyFiles(this.#options.dir);
    const young = this.#recentlyBusy.observe(workers, this.#options.clock.nowMs());
    let isChanged = false;
    for (const worker of workers) {
      const { isOld } = worker;
      const { passed } = this.#firstChecks;
      const input = { worker, wanted, files, healthy: this.#healthy, passed, young: young.get(worker.pid)!, isOld };
      const commands = [...difference(input), ...cuts(worker.rows, wanted.overdue)];
      if (commands.length === 0) continue;
      const asked = this.#silence.of(worker.pid, askWorker(files.masterSocket, worker.pid, commands));
      const answer = await asked.catch((error: unknown) => {
        if (worker.isOld) return '';
        throw error;
      });
      this.#options.log.debug({ pid: worker.pid, commands, answer: answer.trim() }, 'haproxy told');
      if (commands.some((command) => command.includes(' map '))) this.#reader.forgetMaps(worker.pid);
      isChanged ||= commands.some((command) => !WITHOUT_HURRY.test(command));
    }
    return isChanged;
  }

  /** Whatever they still hold was lost to its clients; what they would lead astray is not. */
  #endSilent(silent: readonly ProcessId[]): void {
    const settled = this.#settled();
    const near = [...this.#deadlines.near(this.#options.clock.nowMs())].filter((key) => !settled.has(key));
    if (near.length === 0) return;
    const pids = silent.map(({ pid }) => pid);
    this.#options.log.error({ pids, draining: near }, 'haproxy is frozen and a drain is about to end: it is ended');
    this.#process.end(pids, this.#reader.pids);
  }

  #isSettled(table: RoutingTable, workers: readonly Worker[]): boolean {
    const waits = Object.values(this.statuses()).some(({ State }) => State === 'draining' || State === 'unhealthy');
    return !waits && this.#table === table && workers.every(({ rows }) => !rows.some(isWaited));
  }

  #soon(nowMs: number): number {
    return nowMs - this.#changedMs < SOON_FOR_MS ? LOOK.soonMs : LOOK.laterMs;
  }

  #tell(): void {
    const word = JSON.stringify([this.appliedIndex(), this.statuses(), this.problems()], (key, value) =>
      key === 'Requests' ? undefined : value,
    );
    if (word === this.#told) return;
    this.#told = word;
    this.#changedMs = this.#options.clock.nowMs();
    this.#options.onChange();
  }

  #complain(message: string): void {
    if (message !== this.#problem) this.#options.log.error({ problem: message }, 'haproxy does not do as it should');
    this.#problem = message;
    this.#tell();
  }

  async #sleep(waitMs: number, signal: AbortSignal): Promise<void> {
    if (waitMs === 0) return;
    const timer = this.#options.clock.after(waitMs, () => this.#wake.ring());
    await this.#wake.wait(signal);
    timer.cancel();
  }

  /** No new connection; what is in flight ends, or is cut when it takes too long. */
  async #stop(): Promise<void> {
    const { clock, stopMs = STOP_MS } = this.#options;
    const untilMs = clock.nowMs() + stopMs;
    this.#process.stop('gently');
    while (this.#process.isRunning && clock.nowMs() < untilMs && (await this.#isBusy())) {
      await sleep(clock, LOOK.laterMs);
    }
    this.#process.stop('now');
    await this.#process.ended(untilMs + 1000);
  }

  async #isBusy(): Promise<boolean> {
    try {
      const workers = await this.#reader.read(await this.#process.workers());
      const rows = workers.flatMap((worker) => worker.rows);
      return rows.some(({ name, current }) => !SUMS.has(name) && current > 0);
    } catch {
      return this.#process.isRunning;
    }
  }
}

/**
 * A server may not be deleted while HAProxy keeps a connection to it, a request that is cut takes a moment to end, and
 * a weight may be shown as less while people's own lines let it rise slowly: these are tried again in the next look.
 */
const WITHOUT_HURRY = /^(del server|shutdown sessions|set server \S+ weight) /;

const SUMS = new Set(['FRONTEND', 'BACKEND']);

const isListening = ({ name, status }: StatRow): boolean => name === 'FRONTEND' && status === 'OPEN';

const isWaited = (row: StatRow): boolean => row.name !== HOLD_SERVER && isResting(row) && row.current > 0;

/** Those that are let in and not found healthy yet. */
function awaitedServers(wanted: Wanted, rows: readonly StatRow[]): WantedServer[] {
  return [...rowsBySlot(rows)].flatMap(([slot, servers]) =>
    [...(wanted.servers.get(slot)?.values() ?? [])].filter(({ key }) => {
      const row = servers.get(key);
      return row !== undefined && !isResting(row) && !isUp(row);
    }),
  );
}

function tableKeys(table: RoutingTable): string[] {
  const servers = table.Frontends.flatMap(({ Routes }) => Routes).flatMap(({ Backend: { Pools } }) =>
    Pools.flatMap(({ Servers }) => Servers),
  );
  return servers.map(({ AllocID, Port }) => serverKey(AllocID, Port));
}

function healthyServers(wanted: Wanted, healthy: ReadonlySet<string>): Map<string, WantedServer[]> {
  const slots = [...wanted.servers].map(([slot, servers]): [string, WantedServer[]] => [
    slot,
    [...servers.values()].filter(({ key }) => healthy.has(key)),
  ]);
  return new Map(slots);
}
