/** Every process of the machine that carries the mark of a start, or of a command beside it, in its environment. */
import { readFileSync } from 'node:fs';
import { EXEC_MARKER } from '../exec-keeper.ts';
import { allPids, isAlive, readStat } from '../proc.ts';
import { TASK_MARKER } from '../process-tree.ts';

export const marked = (taskId: string): number[] => withEntry(`${TASK_MARKER}=${taskId}`);

/** Every process of a command beside a task. */
export const markedCommand = (id: string): number[] => withEntry(`${EXEC_MARKER}=${id}`);

function withEntry(entry: string): number[] {
  return allPids().filter((pid) => {
    const stat = readStat(pid);
    return stat !== undefined && isAlive(stat) && environmentOf(pid).includes(entry);
  });
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
