/** Every process of the machine that carries the mark of a start in its environment. */
import { readFileSync } from 'node:fs';
import { allPids, isAlive, readStat } from '../proc.ts';
import { TASK_MARKER } from '../process-tree.ts';

export function marked(taskId: string): number[] {
  return allPids().filter((pid) => {
    const stat = readStat(pid);
    return stat !== undefined && isAlive(stat) && environmentOf(pid).includes(`${TASK_MARKER}=${taskId}`);
  });
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
