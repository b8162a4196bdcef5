/** Starts a task from a process of its own, to be killed as an agent is. The program is bundled once. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskConfig, TaskHandle } from '../driver.ts';
import type { DriverSpec } from './driver-maker.ts';

export interface DyingAgent {
  readonly handle: TaskHandle;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

let bundled: Promise<string> | undefined;

export async function startInDyingAgent(spec: DriverSpec, task: TaskConfig): Promise<DyingAgent> {
  bundled ??= bundle();
  const child = fork(await bundled, [], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send({ spec, task });
  const [answer] = (await once(child, 'message')) as [{ handle?: TaskHandle; error?: string }];
  if (answer.handle === undefined) throw new Error(answer.error);
  return { handle: answer.handle, kill: () => killed(child) };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function bundle(): Promise<string> {
  const { build } = await import('rolldown');
  const file = join(mkdtempSync(join(tmpdir(), 'serin-driver-agent-')), 'agent.mjs');
  const input = new URL('./driver-agent.ts', import.meta.url).pathname;
  await build({ input, platform: 'node', output: { file, format: 'esm' }, logLevel: 'silent' });
  return file;
}
