/** All checks of an allocation: each looks at its instance while its tasks run, and is forgotten when they end. */
import type { ExecOutput } from '../drivers/driver.ts';
import type { Clock } from '../lib/clock.ts';
import { msFromNanos } from '../lib/duration.ts';
import type { TaskGroup } from '../model/job.ts';
import type { AllocatedPort } from '../model/network.ts';
import type { Service, ServiceCheck } from '../model/service.ts';
import { failed, httpProbe, type Probe, tcpProbe, withTimeout } from './check-probe.ts';
import { afterLook, HEALTHY, type Unhealth } from './check-restart.ts';
import { type CheckRunnerOptions, runCheck } from './check-runner.ts';
import { type CheckGrade, type CheckResult, type CheckState, initialCheckState } from './check-state.ts';
import { isMadeHere, isTold } from './consul/consul-rules.ts';
import { grpcProbe } from './grpc-probe.ts';
import { interpolateAll, type Lookup } from './interpolate.ts';
import { checkKey, checkName, describeMissingPort, endpointOf, servicesOf } from './service-status.ts';

export interface CheckSupervisorOptions {
  readonly clock: Clock;
  readonly group: () => TaskGroup;
  readonly ports: () => readonly AllocatedPort[];
  readonly nodeAddress: string;
  /** Of an earlier agent: what passed goes on passing until a look says otherwise. */
  readonly saved: Readonly<Record<string, CheckState>>;
  readonly lookupFor: (task: string) => Lookup;
  readonly isRunning: (task: string) => boolean;
  readonly runScript: (
    task: string,
    command: string,
    args: readonly string[],
    timeoutMs: number,
    signal: AbortSignal,
  ) => Promise<ExecOutput>;
  readonly restart: (task: string, reason: string) => Promise<void>;
  readonly consul: ConsulChecks;
  readonly changed: () => void;
}

/** Checks of services that are registered elsewhere are made there. */
export interface ConsulChecks {
  readonly uses: (service: Service) => boolean;
  /** Whether the check is made there: some are not, see `isMadeHere`. */
  readonly makes: (service: Service, check: ServiceCheck) => boolean;
  /** Waits for what is to be told; it paces itself. */
  readonly probe: (key: string, check: ServiceCheck, state: CheckState) => Probe;
  /** The result of a check that only this node can make. */
  readonly report: (key: string, state: CheckState) => void;
}

interface RunningCheck {
  readonly definition: string;
  readonly abort: AbortController;
  readonly startedMs: number;
  readonly done: Promise<void>;
  unhealth: Unhealth;
  /** When its state was last reported. */
  toldMs: number;
}

interface PlacedCheck {
  readonly key: string;
  readonly service: Service;
  readonly check: ServiceCheck;
  readonly tasks: readonly string[];
}

export class CheckSupervisor {
  readonly #options: CheckSupervisorOptions;
  readonly #states: Map<string, CheckState>;
  readonly #running = new Map<string, RunningCheck>();
  #closed = false;

  constructor(options: CheckSupervisorOptions) {
    this.#options = options;
    this.#states = new Map(
      Object.entries(options.saved).map(([key, state]) => [key, notLater(state, options.clock.nowMs())]),
    );
  }

  state(key: string): CheckState | undefined {
    return this.#states.get(key);
  }

  states(): ReadonlyMap<string, CheckState> {
    return this.#states;
  }

  saved(): Record<string, CheckState> {
    return Object.fromEntries(this.#states);
  }

  /** Starts and stops checks as the tasks, or their definitions, have changed. */
  follow(): void {
    if (this.#closed) return;
    const wanted = new Map(this.#placed().map((placed) => [placed.key, placed]));
    for (const [key, { abort, definition }] of this.#running) {
      const placed = wanted.get(key);
      if (placed !== undefined && definitionOf(placed) === definition && this.#isOn(placed)) continue;
      abort.abort();
      this.#running.delete(key);
      this.#states.delete(key);
    }
    for (const [key, placed] of wanted) if (this.#isOn(placed) && !this.#running.has(key)) this.#start(placed);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const running = [...this.#running.values()];
    this.#running.clear();
    for (const { abort } of running) abort.abort();
    await Promise.all(running.map(({ done }) => done));
  }

  #placed(): PlacedCheck[] {
    return servicesOf(this.#options.group()).flatMap(({ service, tasks }) =>
      (service.Checks ?? []).map((check, at) => ({ key: checkKey(service, check, at), service, check, tasks })),
    );
  }

  #isOn = (placed: PlacedCheck): boolean => placed.tasks.every(this.#options.isRunning);

  #start(placed: PlacedCheck): void {
    const { clock } = this.#options;
    const { key, check } = placed;
    const state = this.#states.get(key) ?? initialCheckState(check, clock.nowMs());
    this.#states.set(key, state);
    const abort = new AbortController();
    const onResult = (next: CheckState, grade: CheckGrade) => this.#take(placed, next, grade);
    const run = { ...this.#way(placed, state), state, onResult, clock };
    // Not before the present change has been dealt with: the first result makes another one.
    const done = Promise.resolve().then(() => runCheck(run, abort.signal));
    const startedMs = clock.nowMs();
    this.#running.set(key, { definition: definitionOf(placed), abort, startedMs, done, unhealth: HEALTHY, toldMs: 0 });
  }

  /** Who looks, how often, and who counts what was found. */
  #way(
    placed: PlacedCheck,
    state: CheckState,
  ): Pick<CheckRunnerOptions, 'probe' | 'intervalMs' | 'initialDelayMs' | 'rules'> {
    const { key, service, check } = placed;
    const { consul, clock } = this.#options;
    if (consul.makes(service, check)) {
      const rules = { ...check, SuccessBeforePassing: 0, FailuresBeforeCritical: 0, FailuresBeforeWarning: 0 };
      return { probe: consul.probe(key, check, state), intervalMs: 0, rules };
    }
    const probe = withTimeout(this.#probe(placed), msFromNanos(check.Timeout), clock);
    const initialDelayMs = msFromNanos(check.InitialDelay ?? 0);
    return { probe, intervalMs: msFromNanos(check.Interval), initialDelayMs, rules: check };
  }

  #take(placed: PlacedCheck, next: CheckState, grade: CheckGrade): void {
    const before = this.#states.get(placed.key);
    this.#states.set(placed.key, next);
    this.#countTowardsRestart(placed, next, grade);
    const { service, check, key } = placed;
    if (isMadeHere(check) && isTold(check) && this.#options.consul.uses(service))
      this.#options.consul.report(key, next);
    // A report for each look would be a report a second for each instance.
    const isNews = before?.status !== next.status || (next.status !== 'passing' && before.output !== next.output);
    const running = this.#running.get(key);
    if (!isNews && !isCounted(next, check, running?.toldMs ?? 0)) return;
    if (running) running.toldMs = next.timestampMs;
    this.#options.changed();
  }

  #countTowardsRestart(placed: PlacedCheck, { timestampMs }: CheckState, grade: CheckGrade): void {
    const running = this.#running.get(placed.key);
    if (running === undefined) return;
    const found = { grade, nowMs: timestampMs, startedMs: running.startedMs };
    running.unhealth = afterLook(running.unhealth, found, placed.check);
    if (running.unhealth.mustRestart) this.#restart(placed);
  }

  #restart({ check, service, tasks }: PlacedCheck): void {
    const task = check.TaskName || tasks[0];
    if (task === undefined) return;
    const reason = `healthcheck: check "${checkName(service, check)}" unhealthy`;
    this.#options.restart(task, reason).catch(() => {
      // The driver has said why in the task's events; the check fails on and asks again.
    });
  }

  #probe({ service, check, tasks }: PlacedCheck): Probe {
    const task = check.TaskName || tasks[0] || '';
    const known = interpolateAll(check, this.#options.lookupFor(task));
    const label = check.PortLabel || service.PortLabel;
    const missing = check.Type === 'script' ? undefined : describeMissingPort(label, this.#options.ports());
    if (missing !== undefined) return async () => failed(missing);
    const { address, port } = endpointOf(label, this.#options.ports(), this.#options.nodeAddress);
    switch (check.Type) {
      case 'http':
        return httpProbe({
          address,
          port,
          path: known.Path || '/',
          protocol: known.Protocol === 'https' ? 'https' : 'http',
          method: known.Method || 'GET',
          headers: known.Header ?? {},
          body: known.Body,
          verifyCertificate: !known.TLSSkipVerify,
          successCodes: known.SuccessCodes,
          ignores1xx: known.Ignore1xx === true,
        });
      case 'tcp':
        return tcpProbe(address, port);
      case 'grpc':
        return grpcProbe({
          address,
          port,
          service: known.GRPCService,
          useTls: known.GRPCUseTLS,
          verifyCertificate: !known.TLSSkipVerify,
        });
      case 'script':
        return (signal) => this.#script(task, known, signal);
      default:
        return async () => failed(`a check of type "${check.Type}" cannot be made by this node`);
    }
  }

  async #script(task: string, check: ServiceCheck, signal: AbortSignal): Promise<CheckResult> {
    const timeoutMs = msFromNanos(check.Timeout);
    const { exitCode, output } = await this.#options.runScript(
      task,
      check.Command,
      check.Args ?? [],
      timeoutMs,
      signal,
    );
    return { grade: gradeOfExit(exitCode), output: `exit status ${exitCode}: ${output}`.trim() };
  }
}

/** Enough for people to see how often it has failed in a row; what fails for days is told now and then. */
const COUNTED_FAILURES = 10;

/** Another failure of one that fails already: told at its interval's pace, however often a new instance is looked at. */
function isCounted({ failures, timestampMs }: CheckState, { Interval }: ServiceCheck, toldMs: number): boolean {
  const isRound = failures <= COUNTED_FAILURES || failures % COUNTED_FAILURES === 0;
  return failures > 0 && isRound && timestampMs - toldMs >= msFromNanos(Interval);
}

const definitionOf = ({ service, check }: PlacedCheck): string =>
  JSON.stringify([service.PortLabel, service.Provider, check]);

/** As check scripts have ended since Nagios: 0 well, 1 a warning, anything else trouble. */
const gradeOfExit = (exitCode: number): CheckGrade =>
  exitCode === 0 ? 'passing' : exitCode === 1 ? 'warning' : 'critical';

/** What was written before the clock was set back: it has been passing since now, not since a moment to come. */
const notLater = (state: CheckState, nowMs: number): CheckState =>
  (state.passingSinceMs ?? 0) > nowMs ? { ...state, passingSinceMs: nowMs } : state;
