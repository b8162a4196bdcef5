/**
 * The processes of one agent, found by its data directory, which no other agent has: what it is called with, where it
 * stands, or what its environment says. Nothing else is ever ended by a test.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface OwnProcess {
  readonly pid: number;
  readonly command: string;
}

export function processesOf(dataDir: string): OwnProcess[] {
  return processIds()
    .filter((pid) => belongsTo(pid, dataDir))
    .map((pid) => ({ pid, command: read(pid, 'cmdline').split('\0').join(' ').slice(0, 200) }));
}

/** Ends whatever is left, one by one, and again what was born meanwhile. */
export async function endProcessesOf(dataDir: string): Promise<void> {
  for (let round = 0; round < 200; round++) {
    const left = processesOf(dataDir);
    if (left.length === 0) return;
    for (const { pid } of left) endProcess(pid);
    await delay(20);
  }
  throw new Error(`processes of ${dataDir} are still there: ${JSON.stringify(processesOf(dataDir))}`);
}

export function endProcess(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A zombie counts as gone: it waits for its parent only. */
export function isRunning(pid: number): boolean {
  const state = /\) (\S)/.exec(read(pid, 'stat'))?.[1];
  return state !== undefined && state !== 'Z';
}

function belongsTo(pid: number, dataDir: string): boolean {
  if (pid === process.pid || !isRunning(pid)) return false;
  return (
    read(pid, 'cmdline').includes(dataDir) ||
    standsIn(pid).startsWith(dataDir) ||
    read(pid, 'environ').includes(dataDir)
  );
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function standsIn(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
