/**
 * What the views of the whole cluster keep of an allocation: enough for a tile and a row. Made of a list's entry and of an
 * event's payload alike, so that ten thousand of them are asked for once, and then kept up to date by events.
 */
import type { AllocatedResources, AllocStub } from '../../src/api/views.ts';
import { type Amounts, NOTHING, plus } from './amounts.ts';

export type AllocRow = Pick<
  AllocStub,
  | 'ID'
  | 'Name'
  | 'NodeID'
  | 'NodeName'
  | 'JobID'
  | 'JobVersion'
  | 'TaskGroup'
  | 'DesiredStatus'
  | 'ClientStatus'
  | 'CreateTime'
  | 'ModifyIndex'
> & {
  /** "service", "system", "batch", "sysbatch". */
  readonly jobType: string;
  readonly asked: Amounts;
};

export const allocRow = (alloc: AllocStub): AllocRow => ({
  ID: alloc.ID,
  Name: alloc.Name,
  NodeID: alloc.NodeID,
  NodeName: alloc.NodeName,
  JobID: alloc.JobID,
  JobVersion: alloc.JobVersion,
  TaskGroup: alloc.TaskGroup,
  DesiredStatus: alloc.DesiredStatus,
  ClientStatus: alloc.ClientStatus,
  CreateTime: alloc.CreateTime,
  ModifyIndex: alloc.ModifyIndex,
  jobType: alloc.JobType ?? '',
  asked: askedBy(alloc.AllocatedResources),
});

function askedBy(resources: AllocatedResources | null | undefined): Amounts {
  if (!resources) return NOTHING;
  const tasks = Object.values(resources.Tasks ?? {}).map(({ Cpu, Memory }) => ({
    cpuMHz: Cpu.CpuShares,
    memoryMB: Memory.MemoryMB,
    diskMB: 0,
  }));
  return tasks.reduce(plus, { cpuMHz: 0, memoryMB: 0, diskMB: resources.Shared.DiskMB });
}

/** It holds its room on its node until it has ended. */
export const holdsRoom = ({ ClientStatus }: Pick<AllocRow, 'ClientStatus'>): boolean =>
  ClientStatus === 'pending' || ClientStatus === 'running';
