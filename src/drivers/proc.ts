/** Processes of this machine beyond their identity: all of them, signals, the boot. */
import { readdirSync, readFileSync } from 'node:fs';
import { messageOf } from '../lib/errors.ts';
import {
  canReadProcesses,
  isAlive,
  isSame,
  type ProcessId,
  type ProcessStat,
  parseStat,
  readStat,
} from '../lib/process-id.ts';

export { canReadProcesses, isAlive, type ProcessId, type ProcessStat, parseStat, readStat };

export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Sends a signal to exactly this process. Says whether there was one to send it to. */
export function sendSignal(target: ProcessId, signal: NodeJS.Signals): boolean {
  const stat = readStat(target.pid);
  if (stat === undefined || !isSame(target, stat)) return false;
  try {
    return process.kill(target.pid, signal);
  } catch (error) {
    if (messageOf(error).includes('ESRCH')) return false;
    throw error;
  }
}

/** Changes with every boot: pids and start times of another boot mean nothing. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
