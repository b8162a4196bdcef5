/**
 * The files that a task's output goes to: `TASK.stdout.0`, `.1`, … the highest number is the one being written.
 * The shim opens that file for appending and keeps it open; see `log-rotation.ts` for how it gets a new number.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export type LogStream = 'stdout' | 'stderr';

export interface LogFile {
  readonly name: string;
  readonly number: number;
}

/** Oldest first. */
export function listLogFiles(logsDir: string, task: string, stream: LogStream): LogFile[] {
  const prefix = `${task}.${stream}.`;
  return namesIn(logsDir)
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => ({ name, number: Number(name.slice(prefix.length)) }))
    .sort((a, b) => a.number - b.number);
}

export const logFileName = (task: string, stream: LogStream, number: number): string => `${task}.${stream}.${number}`;

/** The file that a new start appends to. */
export function currentLogFile(logsDir: string, task: string, stream: LogStream): string {
  const newest = listLogFiles(logsDir, task, stream).at(-1);
  return join(logsDir, logFileName(task, stream, newest?.number ?? 0));
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
