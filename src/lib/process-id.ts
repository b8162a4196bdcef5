/**
 * Processes by pid *and* start time: pids wrap, and a zombie that nobody has reaped yet still answers kill(pid, 0).
 * Reads of /proc are synchronous: they never touch a disk.
 */
import { readFileSync } from 'node:fs';

export interface ProcessId {
  readonly pid: number;
  /** Clock ticks after boot, as a decimal text. */
  readonly start: string;
}

export interface ProcessStat extends ProcessId {
  /** "R", "S", "Z", … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks of user and system time. */
  readonly cpuTicks: number;
  readonly rssPages: number;
}

/** Parses a line of /proc/PID/stat; the second field, the command in parentheses, may hold spaces and parentheses. */
export function parseStat(line: string): ProcessStat | undefined {
  const close = line.lastIndexOf(')');
  const pid = Number.parseInt(line, 10);
  const fields = line.slice(close + 2).split(' ');
  const [state, parent, group, session] = fields;
  const start = fields[19];
  if (close < 0 || !(pid > 0) || state === undefined || start === undefined || !/^\d+$/.test(start)) return undefined;
  return {
    pid,
    start,
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    rssPages: Number(fields[21] ?? 0),
  };
}

export function readStat(pid: number): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Runs, and is the one that was meant: neither a zombie nor a successor with the same pid. Where /proc cannot be read at
 * all, a process of that pid counts: a task is not ended by what cannot be seen.
 */
export function isAlive(target: ProcessId): boolean {
  const stat = readStat(target.pid);
  return stat === undefined ? !canReadProcesses() && exists(target.pid) : isSame(target, stat);
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether /proc shows processes, this one at least. */
export const canReadProcesses = (): boolean => readStat(process.pid) !== undefined;

/** Still the one that was meant. */
export function isSame(target: ProcessId, stat: ProcessStat): boolean {
  return stat.start === target.start && stat.state !== 'Z' && stat.state !== 'X';
}
