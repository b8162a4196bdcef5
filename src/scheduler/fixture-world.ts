/** A world for the scheduler's property tests: applies plans as the server does and plays the nodes' part. */
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import { type Deployment, type DeploymentState, isDeploymentActive } from '../model/deployment.ts';
import type { EvalTrigger, Evaluation } from '../model/evaluation.ts';
import type { Job } from '../model/job.ts';
import { nanosOf, timestampOf } from '../model/nanos.ts';
import type { Node } from '../model/node.ts';
import { health, inputOf, NOW_MS } from './fixtures.ts';
import { schedule } from './schedule.ts';
import type { Plan } from './types.ts';

export class World {
  readonly allocs = new Map<string, Allocation>();
  nodes: Node[];
  deployment: Deployment | undefined;
  nowMs = NOW_MS;
  /** Timers that plans asked for. */
  timers: Evaluation[] = [];
  #versions: Job[] = [];
  #evaluations = 0;
  #index = 100;

  constructor(nodes: readonly Node[]) {
    this.nodes = [...nodes];
  }

  get job(): Job | undefined {
    return this.#versions.at(-1);
  }

  get versions(): readonly Job[] {
    return this.#versions;
  }

  submit(job: Job): void {
    this.#versions.push({ ...job, Version: this.#versions.length, CreateIndex: 10, JobModifyIndex: ++this.#index });
  }

  plan(trigger: EvalTrigger = 'job-register', seed = ''): Plan {
    return schedule(this.input(trigger, seed));
  }

  input(trigger: EvalTrigger = 'job-register', seed = '') {
    const { job, nodes, nowMs, deployment } = this;
    const versions = this.#versions.slice(0, -1);
    const allocs = [...this.allocs.values()];
    const evaluation = { ID: `eval-${this.#evaluations}`, TriggeredBy: trigger };
    return inputOf({
      job,
      versions,
      allocs,
      nodes,
      nowMs,
      deployment,
      evaluation,
      seed: `${seed}${this.#evaluations}`,
    });
  }

  /** One evaluation from plan to tables. */
  step(trigger: EvalTrigger = 'job-register'): Plan {
    const plan = this.plan(trigger);
    this.apply(plan);
    return plan;
  }

  apply(plan: Plan): void {
    this.#evaluations++;
    for (const { deploymentId, status, description } of plan.deploymentUpdates) {
      if (this.deployment?.ID === deploymentId) {
        this.deployment = { ...this.deployment, Status: status, StatusDescription: description };
      }
    }
    if (plan.deployment) this.deployment = plan.deployment;
    for (const { alloc, description, clientStatus } of plan.stops) {
      this.#write({
        ...this.allocs.get(alloc.ID)!,
        DesiredStatus: 'stop',
        DesiredDescription: description,
        ...(clientStatus && { ClientStatus: clientStatus }),
      });
    }
    for (const row of [...plan.inPlace, ...(plan.delayed ?? []), ...plan.placements]) this.#write(row);
    for (const { ID, Disconnected } of plan.disconnected ?? []) {
      const { Disconnected: _, ...row } = this.allocs.get(ID)!;
      this.#write({ ...row, ...(Disconnected && { Disconnected }) });
    }
    this.timers.push(...plan.followups);
    this.#count();
  }

  /** Stopped instances end (those that run may take their time), pending ones start, and running ones are judged. */
  settle(judge: (alloc: Allocation) => boolean | null = () => true, draining = false): void {
    for (const alloc of this.allocs.values()) {
      if (isClientTerminal(alloc) || this.#isDown(alloc.NodeID)) continue;
      if (alloc.DesiredStatus !== 'run') {
        if (!draining || alloc.ClientStatus === 'pending') this.#write({ ...alloc, ClientStatus: 'complete' });
      } else if (!this.#waits(alloc)) this.#write(this.#judged({ ...alloc, ClientStatus: 'running' }, judge(alloc)));
    }
    this.#count();
  }

  change(id: string, fields: Partial<Allocation>): void {
    this.#write({ ...this.allocs.get(id)!, ...fields });
    this.#count();
  }

  setNode(number: number, fields: Partial<Node>): void {
    this.nodes = this.nodes.map((node, at) => (at === number ? { ...node, ...fields } : node));
  }

  /** The deployment watcher's part: successful once everything is healthy. */
  watch(): void {
    const { deployment } = this;
    if (deployment?.Status !== 'running') return;
    const done = Object.values(deployment.TaskGroups).every(
      (state) => state.HealthyAllocs >= state.DesiredTotal && (state.DesiredCanaries === 0 || state.Promoted),
    );
    if (done) this.deployment = { ...deployment, Status: 'successful' };
  }

  /** A person's part: the canaries become instances like any other, and a blue/green's old set rests. */
  promote(keepWarmMs = 0): void {
    const { deployment } = this;
    if (!deployment) return;
    const groups = Object.entries(deployment.TaskGroups);
    this.deployment = {
      ...deployment,
      TaskGroups: Object.fromEntries(groups.map(([name, state]) => [name, { ...state, Promoted: true }])),
    };
    for (const alloc of this.wanted()) {
      const isOurs = alloc.DeploymentID === deployment.ID;
      if (isOurs && alloc.DeploymentStatus?.Canary) {
        this.#write({ ...alloc, DeploymentStatus: { ...alloc.DeploymentStatus, Canary: false } });
      } else if (!isOurs && deployment.TaskGroups[alloc.TaskGroup]?.IsBlueGreen) {
        this.#write({ ...alloc, RestsUntilMs: this.nowMs + keepWarmMs });
      }
    }
  }

  /** Another count while the deployment is under way: it goes on under the new version. */
  scale(job: Job): void {
    this.submit(job);
    const { deployment } = this;
    if (!isDeploymentActive(deployment)) return;
    const groups = job.TaskGroups.map((group): [string, DeploymentState] => {
      const state = deployment!.TaskGroups[group.Name]!;
      const waits = state.DesiredCanaries > 0 && !state.Promoted;
      const scaled = { ...state, DesiredTotal: group.Count };
      const DesiredCanaries = state.IsBlueGreen ? group.Count : Math.min(state.DesiredCanaries, group.Count);
      return [group.Name, waits ? { ...scaled, DesiredCanaries, BaseCount: group.Count } : scaled];
    });
    this.deployment = { ...deployment!, JobVersion: this.job!.Version, TaskGroups: Object.fromEntries(groups) };
  }

  fail(): void {
    if (isDeploymentActive(this.deployment)) this.deployment = { ...this.deployment!, Status: 'failed' };
  }

  /** Wanted and not ended. */
  wanted(group?: string): Allocation[] {
    return [...this.allocs.values()].filter(
      (alloc) =>
        alloc.DesiredStatus === 'run' && !isClientTerminal(alloc) && (group ?? alloc.TaskGroup) === alloc.TaskGroup,
    );
  }

  #judged(alloc: Allocation, healthy: boolean | null): Allocation {
    if (alloc.DeploymentID === '' || healthy === null) return alloc;
    return { ...alloc, DeploymentStatus: { ...health(healthy)!, Canary: alloc.DeploymentStatus?.Canary ?? false } };
  }

  #waits(alloc: Allocation): boolean {
    const before = alloc.AwaitsPrevious ? this.allocs.get(alloc.PreviousAllocation) : undefined;
    return before !== undefined && !isClientTerminal(before);
  }

  #isDown(nodeId: string): boolean {
    return this.nodes.find((node) => node.ID === nodeId)?.Status !== 'ready';
  }

  #write(alloc: Allocation): void {
    const ended = isClientTerminal(alloc) && alloc.TaskStates === null;
    const states = ended ? { server: endedAt(this.nowMs) } : alloc.TaskStates;
    const CreateIndex = alloc.CreateIndex || ++this.#index;
    this.allocs.set(
      alloc.ID,
      Object.freeze({ ...alloc, CreateIndex, TaskStates: states, ModifyTime: nanosOf(this.nowMs) }),
    );
  }

  #count(): void {
    const { deployment } = this;
    if (!deployment) return;
    const groups = Object.entries(deployment.TaskGroups).map(([name, state]): [string, DeploymentState] => {
      const ours = [...this.allocs.values()].filter(
        (alloc) => alloc.DeploymentID === deployment.ID && alloc.TaskGroup === name,
      );
      const judged = (healthy: boolean) => ours.filter((alloc) => alloc.DeploymentStatus?.Healthy === healthy).length;
      return [
        name,
        { ...state, PlacedAllocs: ours.length, HealthyAllocs: judged(true), UnhealthyAllocs: judged(false) },
      ];
    });
    this.deployment = { ...deployment, TaskGroups: Object.fromEntries(groups) };
  }
}

function endedAt(nowMs: number): NonNullable<Allocation['TaskStates']>[string] {
  const FinishedAt = timestampOf(nowMs);
  return { State: 'dead', Failed: true, Restarts: 0, LastRestart: null, StartedAt: null, FinishedAt, Events: [] };
}
