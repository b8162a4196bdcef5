/** Places the requests of a plan one by one: free room first, the predecessor's own room where there is none. */
import { type Allocation, type AllocMetric, isClientTerminal, isTerminal } from '../../model/allocation.ts';
import { findGroup, type Job, type TaskGroup } from '../../model/job.ts';
import { nanosOf, ZERO_TIME } from '../../model/nanos.ts';
import type { PlacementRequest } from '../reconcile/decision.ts';
import type { ScheduleInput } from '../types.ts';
import { type Ask, askOf } from './ask.ts';
import { type Found, GroupPlacer } from './group-placer.ts';
import { NodeTable } from './node-table.ts';

export interface Placed {
  readonly row: Allocation;
  /** The predecessor goes with it. */
  readonly stopsPrevious: boolean;
}

export class Placer {
  readonly #input: ScheduleInput;
  readonly #table: NodeTable;
  readonly #byGroup = new Map<TaskGroup, GroupPlacer>();
  readonly #isKeptApart: boolean;
  #byId: ReadonlyMap<string, Allocation> | undefined;
  #present: readonly Allocation[];
  #moves: { readonly nodeId: string; readonly group: string; readonly change: 1 | -1 }[] = [];

  constructor(input: ScheduleInput) {
    this.#input = input;
    this.#isKeptApart = isKeptApart(input.job);
    this.#table = new NodeTable(input.cluster, `${input.evaluation.Namespace}/${input.evaluation.JobID}`);
    this.#present = input.allocs.filter((alloc) => !isTerminal(alloc));
  }

  /** Whether what runs there may run on there under this version of the job. */
  fits(alloc: Allocation, job: Job, group: TaskGroup): boolean {
    return this.#placerOf(job, group).fits(alloc);
  }

  /** Which instances leave whatever else happens: they do not count where instances must keep apart. */
  without(stopped: ReadonlySet<Allocation>): void {
    if (stopped.size === 0) return;
    this.#present = this.#present.filter((alloc) => !stopped.has(alloc));
    this.#byGroup.clear();
  }

  place(request: PlacementRequest): Placed | AllocMetric {
    const placer = this.#placerOf(request.job, request.group);
    const previous =
      request.stop && request.previous && !isClientTerminal(request.previous) ? request.previous : undefined;
    const found = placer.place(request.avoidNodes, previous);
    if (found) return this.#placed(request, found, undefined);
    const holder = previous && request.stopWhen !== 'proven' ? this.#roomHolder(previous) : undefined;
    const inRoom = holder && placer.placeInRoomOf(holder, this.#askOf(holder));
    return inRoom ? this.#placed(request, inRoom, holder) : placer.failure();
  }

  /** Computed classes that some group may use, and those that none may. */
  classEligibility(): { readonly classes: Record<string, boolean>; readonly escaped: boolean } {
    const classes: Record<string, boolean> = {};
    let escaped = false;
    for (const { checker } of this.#byGroup.values()) {
      escaped ||= checker.escapesClasses;
      for (const [name, verdict] of checker.classes) classes[name] = classes[name] === true || verdict === undefined;
    }
    return { classes, escaped };
  }

  #placerOf(job: Job, group: TaskGroup): GroupPlacer {
    let placer = this.#byGroup.get(group);
    if (!placer) {
      const { random, algorithm = 'binpack' } = this.#input;
      placer = new GroupPlacer({ job, group, table: this.#table, random, algorithm, present: this.#present });
      for (const { nodeId, group: name, change } of this.#moves) placer.count(nodeId, name, change);
      this.#byGroup.set(group, placer);
    }
    return placer;
  }

  /** Where the predecessor itself still waits for room, the room is that of the one it waits for. */
  #roomHolder(previous: Allocation): Allocation {
    if (!previous.AwaitsPrevious) return previous;
    this.#byId ??= new Map(this.#input.allocs.map((alloc) => [alloc.ID, alloc]));
    const before = this.#byId.get(previous.PreviousAllocation);
    return before && !isClientTerminal(before) ? this.#roomHolder(before) : previous;
  }

  #askOf(alloc: Allocation): Ask | undefined {
    const job = this.#input.jobVersion(alloc.JobVersion);
    const group = job && findGroup(job, alloc.TaskGroup);
    return group && askOf(group);
  }

  #placed(request: PlacementRequest, found: Found, holder: Allocation | undefined): Placed {
    const stopsPrevious = request.stop !== undefined && (request.stopWhen === 'placed' || holder !== undefined);
    this.#move(found.node.ID, request.group.Name, 1);
    if (stopsPrevious && request.previous && !isTerminal(request.previous)) {
      this.#move(request.previous.NodeID, request.previous.TaskGroup, -1);
    }
    return { row: this.#row(request, found, holder), stopsPrevious };
  }

  #move(nodeId: string, group: string, change: 1 | -1): void {
    if (!this.#isKeptApart) return;
    this.#moves.push({ nodeId, group, change });
    for (const placer of this.#byGroup.values()) placer.count(nodeId, group, change);
  }

  #row(request: PlacementRequest, { node, ports, metric }: Found, holder: Allocation | undefined): Allocation {
    const { evaluation, newId, nowMs } = this.#input;
    const now = nanosOf(nowMs);
    const row: Allocation = {
      ID: newId(),
      Namespace: request.job.Namespace,
      EvalID: evaluation.ID,
      Name: request.name,
      NodeID: node.ID,
      NodeName: node.Name,
      JobID: request.job.ID,
      JobVersion: request.job.Version,
      TaskGroup: request.group.Name,
      Ports: ports,
      DesiredStatus: 'run',
      DesiredDescription: '',
      ClientStatus: 'pending',
      ClientDescription: '',
      TaskStates: null,
      PreviousAllocation: holder?.ID ?? request.previous?.ID ?? '',
      NextAllocation: '',
      DeploymentID: request.deploymentId,
      DeploymentStatus: request.isCanary ? NEW_CANARY : null,
      RescheduleTracker: request.tracker,
      FollowupEvalID: '',
      CreateIndex: 0,
      ModifyIndex: 0,
      AllocModifyIndex: 0,
      CreateTime: now,
      ModifyTime: now,
    };
    if (metric) row.Metrics = metric;
    if (holder) row.AwaitsPrevious = true;
    return row;
  }
}

const NEW_CANARY = { Healthy: null, Timestamp: ZERO_TIME, Canary: true, ModifyIndex: 0 };

const APART = new Set(['distinct_hosts', 'distinct_property']);

function isKeptApart(job: Job | undefined): boolean {
  if (!job) return false;
  const levels = [job, ...job.TaskGroups, ...job.TaskGroups.flatMap((group) => group.Tasks)];
  return levels.some((level) => level.Constraints?.some((constraint) => APART.has(constraint.Operand)));
}
