/** What is known of the tasks of an allocation, in their order: pure. */
import type { AllocView, ResourceUsage } from '../../src/api/views.ts';
import type { TaskState } from '../../src/model/allocation.ts';

export interface TaskFacts {
  readonly name: string;
  readonly driver: string | undefined;
  readonly state: TaskState | undefined;
  readonly asked: Usage;
}

/** Undefined: not measured, or not asked for. */
export interface Usage {
  readonly cpuMHz: number | undefined;
  readonly memoryMB: number | undefined;
}

export function tasksOf(alloc: AllocView): readonly TaskFacts[] {
  const declared = alloc.Job?.TaskGroups?.find(({ Name }) => Name === alloc.TaskGroup)?.Tasks ?? [];
  const names = new Set([...declared.map(({ Name }) => Name), ...Object.keys(alloc.TaskStates ?? {})]);
  return [...names].map((name) => ({
    name,
    driver: declared.find(({ Name }) => Name === name)?.Driver,
    state: alloc.TaskStates?.[name],
    asked: {
      cpuMHz: alloc.AllocatedResources?.Tasks?.[name]?.Cpu.CpuShares,
      memoryMB: alloc.AllocatedResources?.Tasks?.[name]?.Memory.MemoryMB,
    },
  }));
}

/** The one that is most likely meant: it runs, and is the group's own work rather than something beside it. */
export function usualTask(alloc: AllocView): string | undefined {
  const declared = alloc.Job?.TaskGroups?.find(({ Name }) => Name === alloc.TaskGroup)?.Tasks ?? [];
  const tasks = tasksOf(alloc);
  const main = declared.find(({ Lifecycle }) => !Lifecycle)?.Name;
  return tasks.find(({ name }) => name === main)?.name ?? tasks[0]?.name;
}

export const isRunning = ({ state }: TaskFacts): boolean => state?.State === 'running';

export function usageOf(usage: ResourceUsage | null | undefined): Usage {
  const memory = usage?.MemoryStats;
  const bytes = isMeasured(memory?.Measured, 'RSS') ? memory?.RSS : memory?.Usage;
  return {
    cpuMHz: usage?.CpuStats?.TotalTicks,
    memoryMB: bytes === undefined ? undefined : bytes / 2 ** 20,
  };
}

/** A node that does not say what it measures measures all. */
const isMeasured = (measured: readonly string[] | null | undefined, name: string): boolean =>
  measured?.includes(name) ?? true;
