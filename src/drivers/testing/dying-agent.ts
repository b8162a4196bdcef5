/** Starts a task from a process of its own, to be killed as an agent is. Each program is bundled once. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AttachRequest, TaskConfig, TaskHandle } from '../driver.ts';

export interface DyingAgent {
  readonly handle: TaskHandle;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

const bundled = new Map<string, Promise<string>>();

/** `entry` calls `startWhenTold`; what it makes its driver of is `spec`, as JSON. */
export async function startInDyingAgent(
  entry: URL,
  spec: object,
  task: TaskConfig,
  attach?: AttachRequest,
): Promise<DyingAgent> {
  const program = bundled.get(entry.href) ?? bundle(entry);
  bundled.set(entry.href, program);
  const child = fork(await program, [], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send({ spec, task, attach });
  const [answer] = (await once(child, 'message')) as [{ handle?: TaskHandle; error?: string }];
  if (answer.handle === undefined) throw new Error(answer.error);
  return { handle: answer.handle, kill: () => killed(child) };
}

/** To be called once no more agents are started. */
export async function removePrograms(): Promise<void> {
  const files = await Promise.all(bundled.values());
  bundled.clear();
  for (const file of files) rmSync(dirname(file), { recursive: true, force: true });
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function bundle(entry: URL): Promise<string> {
  const { build } = await import('rolldown');
  const dir = mkdtempSync(join(tmpdir(), 'serin-driver-agent-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'agent.mjs');
  const output = { file, format: 'esm', codeSplitting: false } as const;
  await build({ input: entry.pathname, platform: 'node', output, plugins: [NATIVE], logLevel: 'silent' });
  return file;
}

/** What has a binary of its own stays where it is. */
const NATIVE = {
  name: 'native',
  resolveId: (id: string) =>
    id === '@lydell/node-pty' ? { id: createRequire(import.meta.url).resolve(id), external: true } : null,
};
