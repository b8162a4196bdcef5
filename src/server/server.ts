/**
 * The server: the state, the loops that keep it true, and the operations that others ask of it.
 *
 * Loops learn of changes from committed transactions and look at the state again (level-triggered), so that a missed
 * event costs nothing: at the start each of them looks at everything.
 */
import type { Clock } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Random } from '../lib/random.ts';
import type { Service } from '../lib/service.ts';
import type { JobOptions } from '../marathon/app-to-job.ts';
import type { AllocUpdate } from '../model/allocation.ts';
import { computedClass } from '../model/computed-class.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { IngressReport } from '../model/ingress.ts';
import type { JobRequest } from '../model/job.ts';
import { nanosOf } from '../model/nanos.ts';
import type { DrainWait, Node } from '../model/node.ts';
import type { State } from '../state/state.ts';
import type { Change, CommittedTransaction } from '../state/types.ts';
import { applyAllocUpdates } from './alloc-updates.ts';
import { BlockedEvals, unblock } from './blocked-evals.ts';
import {
  failByUser,
  pauseDeployment,
  promoteDeployment,
  resumeDeployment,
  setAllocHealth,
  unblockDeployment,
  weighDeployment,
} from './deployment-operations.ts';
import { DeploymentWatcher } from './deployment-watcher.ts';
import { drainWaits } from './drain-waits.ts';
import { EvalBroker } from './eval-broker.ts';
import { newEvaluation } from './evaluations.ts';
import { Evaluator } from './evaluator.ts';
import { COLLECT_ALL, collect, DEFAULT_THRESHOLDS, findGarbage, type GarbageThresholds, isEmpty } from './garbage.ts';
import { evaluateNodeJobs, Heartbeats, type HeartbeatTimes, setNodeStatus } from './heartbeats.ts';
import { changeOverride, type OverrideChange } from './ingress-overrides.ts';
import { revertJob, scaleJob, setJobStability } from './job-changes.ts';
import { deregisterJob, evaluateJob, planJob, registerJob, validated } from './job-operations.ts';
import { MarathonDeployments } from './marathon/deployments.ts';
import { MarathonOperations } from './marathon/operations.ts';
import { drainNode } from './node-drain.ts';
import { NodeDrainer } from './node-drainer.ts';
import { registrationEvents } from './node-events.ts';
import type {
  AllocHealthRequest,
  DeploymentResult,
  DrainRequest,
  DrainResult,
  EvalResult,
  JobChangeResult,
  PlanRequest,
  PlanResult,
  RegisterRequest,
  RegisterResult,
  RevertRequest,
  ScaleRequest,
  ServerOperations,
  StabilityRequest,
  TagRequest,
  TagResult,
  ValidateResult,
} from './operations.ts';
import type { PlantedBugs } from './planted-bugs.ts';
import { type TableIndex, Traffic } from './traffic.ts';
import { tagJobVersion, untagJobVersion } from './version-tags.ts';

export interface ServerOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: Random;
  readonly log: Log;
  /** Gives others a turn between slices of a large evaluation. */
  readonly breathe: () => Promise<void>;
  /** Every 10 s and 10 s more, unless said otherwise. */
  readonly heartbeat?: HeartbeatTimes;
  /** How apps of Marathon become jobs; by default they run in every datacenter, commands as raw_exec. */
  readonly marathon?: JobOptions;
  /** See `TrafficOptions`. */
  readonly tableIndex?: TableIndex;
  /** For the simulation's tests alone. */
  readonly planted?: PlantedBugs;
}

const GARBAGE_EVERY_MS = 5 * 60_000;

const ANYWHERE: JobOptions = { datacenters: ['*'], commandDriver: 'raw_exec' };

const STILL_DRAINS =
  "can not set node's scheduling eligibility to eligible while it is draining; end the drain: serin node drain -disable";

export class Server implements Service, ServerOperations {
  readonly id = 'server';
  readonly state: State;
  readonly traffic: Traffic;
  readonly broker: EvalBroker;
  readonly marathon: MarathonOperations;
  readonly #options: ServerOptions;
  readonly #evaluator: Evaluator;
  readonly #watcher: DeploymentWatcher;
  readonly #heartbeats: Heartbeats;
  readonly #drainer: NodeDrainer;
  readonly #marathonDeployments: MarathonDeployments;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.state = options.state;
    this.broker = new EvalBroker(options);
    this.traffic = new Traffic(options);
    this.#evaluator = new Evaluator({ ...options, broker: this.broker });
    this.#watcher = new DeploymentWatcher({
      ...options,
      ingresses: () => this.traffic.reports().map(({ report }) => report),
    });
    this.#heartbeats = new Heartbeats(options);
    this.#drainer = new NodeDrainer(options);
    const jobOptions = options.marathon ?? ANYWHERE;
    this.marathon = new MarathonOperations({ ...options, jobOptions });
    this.#marathonDeployments = new MarathonDeployments({ ...options, jobOptions });
  }

  /** Runs every loop; one that fails for good ends them all. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const all = AbortSignal.any([signal, stop.signal]);
    const changes = this.state.subscribe({ afterIndex: this.state.durableIndex }, all);
    for (const evaluation of this.state.view((tx) => [...tx.evaluations()])) this.#enqueue(evaluation);
    const services = [
      this.#evaluator,
      this.#watcher,
      this.#heartbeats,
      this.#drainer,
      this.traffic,
      this.#marathonDeployments,
    ];
    const loops = services.map((loop) => loop.run(all));
    const garbage = this.#collectRegularly(all);
    try {
      await Promise.race([
        Promise.all([...loops, this.#follow(changes)]),
        new Promise((_, reject) => this.#rejectOnFailure(loops, reject)),
      ]);
    } finally {
      stop.abort();
      garbage.cancel();
      await Promise.allSettled(loops);
      this.broker.stop();
    }
  }

  // Jobs ------------------------------------------------------------------------------------------------------------

  registerJob(request: RegisterRequest): Promise<RegisterResult> {
    return registerJob(this.#options, request);
  }

  planJob(request: PlanRequest): Promise<PlanResult> {
    return planJob(this.#options, request);
  }

  validateJob(job: JobRequest): ValidateResult {
    return validated(job);
  }

  deregisterJob(
    namespace: string,
    jobId: string,
    options: { readonly purge: boolean },
  ): Promise<EvalResult & { readonly JobModifyIndex: number }> {
    return deregisterJob(this.#options, namespace, jobId, options);
  }

  evaluateJob(namespace: string, jobId: string, options: { readonly forceReschedule: boolean }): Promise<EvalResult> {
    return evaluateJob(this.#options, namespace, jobId, options);
  }

  revertJob(request: RevertRequest): Promise<JobChangeResult> {
    return revertJob(this.#options, request);
  }

  scaleJob(request: ScaleRequest): Promise<JobChangeResult> {
    return scaleJob(this.#options, request);
  }

  setJobStability(request: StabilityRequest): Promise<{ readonly JobModifyIndex: number; readonly Index: number }> {
    return setJobStability(this.#options, request);
  }

  tagJobVersion(request: TagRequest): Promise<TagResult> {
    return tagJobVersion(this.#options, request);
  }

  untagJobVersion(request: Pick<TagRequest, 'namespace' | 'jobId' | 'name'>): Promise<{ readonly Index: number }> {
    return untagJobVersion(this.#options, request);
  }

  // Allocations and deployments -------------------------------------------------------------------------------------

  /** Stops one allocation; its job gets another in its place. */
  async stopAlloc(allocId: string, options = { noShutdownDelay: false }): Promise<EvalResult> {
    const { clock, newId } = this.#options;
    const { index, result } = await this.state.update((tx) => {
      const alloc = tx.alloc(allocId);
      if (!alloc) throw new SerinError('notFound', 'alloc not found');
      const job = tx.job(alloc.Namespace, alloc.JobID);
      if (!job) throw new SerinError('notFound', 'job not found');
      tx.putAlloc({
        ...alloc,
        DesiredTransition: {
          Migrate: true,
          Reschedule: null,
          ForceReschedule: null,
          ...(options.noShutdownDelay && { NoShutdownDelay: true }),
        },
        ModifyTime: nanosOf(clock.nowMs()),
      });
      const evaluation = newEvaluation(job, { trigger: 'alloc-stop', nowMs: clock.nowMs(), newId });
      tx.putEvaluation(evaluation);
      return evaluation.ID;
    });
    return { EvalID: result, EvalCreateIndex: index, Index: index };
  }

  failDeployment(deploymentId: string): Promise<DeploymentResult> {
    return failByUser(this.#options, deploymentId);
  }

  pauseDeployment(deploymentId: string): Promise<DeploymentResult> {
    return pauseDeployment(this.#options, deploymentId);
  }

  resumeDeployment(deploymentId: string): Promise<DeploymentResult> {
    return resumeDeployment(this.#options, deploymentId);
  }

  promoteDeployment(deploymentId: string, groups?: readonly string[]): Promise<DeploymentResult> {
    return promoteDeployment(this.#options, deploymentId, groups);
  }

  weighDeployment(deploymentId: string, percent: number, groups: readonly string[]): Promise<DeploymentResult> {
    return weighDeployment(this.#options, deploymentId, percent, groups);
  }

  unblockDeployment(deploymentId: string): Promise<DeploymentResult> {
    return unblockDeployment(this.#options, deploymentId);
  }

  setAllocHealth(request: AllocHealthRequest): Promise<DeploymentResult> {
    return setAllocHealth(this.#options, request);
  }

  async collectGarbage(): Promise<void> {
    await this.#collect(COLLECT_ALL);
  }

  // Nodes -----------------------------------------------------------------------------------------------------------

  async registerNode(
    node: Node,
  ): Promise<{ readonly HeartbeatTTLMs: number; readonly NowMs: number; readonly Index: number }> {
    const { clock, newId } = this.#options;
    const { index } = await this.state.update((tx) => {
      const before = tx.node(node.ID);
      const row: Node = {
        ...node,
        ComputedClass: computedClass(node),
        Status: 'ready',
        StatusUpdatedAt: Math.floor(clock.nowMs() / 1000),
        SchedulingEligibility: before?.SchedulingEligibility ?? 'eligible',
        Drain: before?.Drain ?? false,
        DrainStrategy: before?.DrainStrategy ?? null,
        LastDrain: before?.LastDrain ?? null,
        Events: registrationEvents(before, node, clock.nowMs()),
      };
      tx.putNode(row);
      if (before?.Status === 'down') evaluateNodeJobs(tx, node.ID, { nowMs: clock.nowMs(), newId });
    });
    this.#heartbeats.renew(node.ID);
    return { HeartbeatTTLMs: this.#heartbeats.ttlMs, NowMs: clock.nowMs(), Index: index };
  }

  async heartbeat(
    nodeId: string,
  ): Promise<{ readonly HeartbeatTTLMs: number; readonly NowMs: number; readonly Known: boolean }> {
    const { clock, newId } = this.#options;
    const node = this.state.view((tx) => tx.node(nodeId));
    const answer = { HeartbeatTTLMs: this.#heartbeats.ttlMs, NowMs: clock.nowMs() };
    if (!node) return { ...answer, Known: false };
    this.#heartbeats.renew(nodeId);
    if (node.Status !== 'ready') {
      await this.state.update((tx) => {
        const row = tx.node(nodeId);
        if (row) setNodeStatus(tx, row, 'ready', 'Node heard from again', { nowMs: clock.nowMs(), newId });
      });
    }
    return { ...answer, Known: true };
  }

  async updateAllocs(nodeId: string, updates: readonly AllocUpdate[]): Promise<{ readonly Index: number }> {
    const { clock, newId } = this.#options;
    const { index } = await this.state.update((tx) =>
      applyAllocUpdates(tx, nodeId, updates, { nowMs: clock.nowMs(), newId }),
    );
    return { Index: index };
  }

  async setEligibility(nodeId: string, eligibility: 'eligible' | 'ineligible'): Promise<EvalResult> {
    const { index } = await this.state.update((tx) => {
      const node = tx.node(nodeId);
      if (!node) throw new SerinError('notFound', 'node not found');
      if (node.DrainStrategy && eligibility === 'eligible') throw new SerinError('refused', STILL_DRAINS);
      tx.putNode({ ...node, SchedulingEligibility: eligibility });
    });
    return { EvalID: '', EvalCreateIndex: 0, Index: index };
  }

  async drainNode(nodeId: string, request: DrainRequest): Promise<DrainResult> {
    const { clock, newId } = this.#options;
    const { index, result } = await this.state.update((tx) =>
      drainNode(tx, nodeId, request, { nowMs: clock.nowMs(), newId }),
    );
    return { EvalIDs: result, EvalCreateIndex: result.length > 0 ? index : 0, NodeModifyIndex: index, Index: index };
  }

  drainWaits(nodeId: string): readonly DrainWait[] {
    return this.state.view((tx) => {
      const node = tx.node(nodeId);
      return node ? drainWaits(tx, node, { seen: this.#drainer.seen, nowMs: this.#options.clock.nowMs() }) : [];
    });
  }

  async purgeNode(nodeId: string): Promise<EvalResult> {
    const { clock, newId } = this.#options;
    const { index, result } = await this.state.update((tx) => {
      if (!tx.node(nodeId)) throw new SerinError('refused', 'node not found');
      tx.deleteNode(nodeId);
      return evaluateNodeJobs(tx, nodeId, { nowMs: clock.nowMs(), newId });
    });
    this.#heartbeats.forget(nodeId);
    return { EvalID: result[0] ?? '', EvalCreateIndex: index, Index: index };
  }

  async overrideIngress(allocId: string, change: OverrideChange): Promise<{ readonly Index: number }> {
    const nowMs = this.#options.clock.nowMs();
    const { index } = await this.state.update((tx) => changeOverride(tx, allocId, change, nowMs));
    return { Index: index };
  }

  // Ingresses -------------------------------------------------------------------------------------------------------

  async reportIngress(report: IngressReport): Promise<void> {
    this.traffic.report(report);
    const known = this.state.view((tx) => tx.ingress(report.ID));
    if (known?.Name === report.Name && known.DataPlane === report.DataPlane) return;
    await this.state.update((tx) =>
      tx.putIngress({
        ID: report.ID,
        Name: report.Name,
        DataPlane: report.DataPlane,
        LeaseUntilMs: 0,
        AppliedIndex: 0,
        Servers: {},
        CreateIndex: 0,
        ModifyIndex: 0,
      }),
    );
  }

  async removeIngress(ingressId: string): Promise<void> {
    this.traffic.remove(ingressId);
    await this.state.update((tx) => tx.deleteIngress(ingressId));
  }

  // Loops -----------------------------------------------------------------------------------------------------------

  async #follow(transactions: AsyncIterable<CommittedTransaction>): Promise<void> {
    // Room may have appeared while no server looked.
    await this.#unblock(this.state.view((tx) => [...tx.evaluations()].filter(({ Status }) => Status === 'blocked')));
    const blocked = new BlockedEvals();
    for await (const transaction of transactions) {
      for (const change of transaction.changes) this.#observe(change);
      await this.#unblock(this.state.view((tx) => blocked.observe(tx, transaction)));
    }
  }

  #observe(change: Change): void {
    this.#watcher.observe(change);
    this.#drainer.observe(change);
    this.#marathonDeployments.observe(change);
    this.traffic.observe(change);
    if (change.table !== 'evals') return;
    const evaluation = change.after as Evaluation | undefined;
    if (evaluation) this.#enqueue(evaluation);
    else this.broker.remove(change.key);
  }

  #enqueue(evaluation: Evaluation): void {
    if (evaluation.Status === 'pending') this.broker.enqueue(evaluation);
  }

  async #unblock(evaluations: readonly Evaluation[]): Promise<void> {
    if (evaluations.length === 0) return;
    await this.state.update((tx) => unblock(tx, evaluations, this.#options.clock.nowMs()));
  }

  #collectRegularly(signal: AbortSignal): { cancel(): void } {
    const { clock, log } = this.#options;
    let timer = clock.after(GARBAGE_EVERY_MS, collectOnce);
    const self = this;
    function collectOnce(): void {
      if (signal.aborted) return;
      self.#collect(DEFAULT_THRESHOLDS).catch((error) => log.warn({ error }, 'garbage not collected'));
      timer = clock.after(GARBAGE_EVERY_MS, collectOnce);
    }
    return { cancel: () => timer.cancel() };
  }

  async #collect(thresholds: GarbageThresholds): Promise<void> {
    for (;;) {
      const garbage = this.state.view((tx) => findGarbage(tx, thresholds, this.#options.clock.nowMs()));
      if (isEmpty(garbage)) return;
      await this.state.update((tx) => collect(tx, garbage));
    }
  }

  #rejectOnFailure(loops: readonly Promise<void>[], reject: (error: unknown) => void): void {
    for (const loop of loops) loop.catch(reject);
  }
}
