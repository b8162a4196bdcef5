/** The agent and the command line as a user has them: the real program, started as a process. */
import { type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../bin/serin.js', import.meta.url));

export interface AgentProcess {
  readonly pid: number;
  readonly address: string;
  readonly logFile: string;
  /** Milliseconds from the start of the process to its first answer. */
  readonly readyMs: number;
}

/** Starts `serin agent -dev` and waits until it answers. It goes on when this process ends. */
export async function startAgent(port: number, args: readonly string[] = []): Promise<AgentProcess> {
  const folder = join(tmpdir(), 'serin-demo');
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, `agent-${port}.log`);
  const log = openSync(logFile, 'w');
  const startedAt = Date.now();
  const child = spawn(process.execPath, [PROGRAM, 'agent', '-dev', '-http-port', String(port), ...args], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  const address = `http://127.0.0.1:${port}`;
  const ended = new Promise<never>((_, reject) =>
    child.once('exit', () => reject(new Error(`the agent ended at once; its log is ${logFile}`))),
  );
  await Promise.race([answering(`${address}/v1/agent/health`), ended]);
  return { pid: child.pid!, address, logFile, readyMs: Date.now() - startedAt };
}

export interface CommandResult {
  readonly code: number;
  readonly output: string;
}

/** Runs a command of `serin` and answers what it printed. */
export function serin(address: string, args: readonly string[], options: SpawnOptions = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      ...options,
      env: { ...process.env, NOMAD_ADDR: address, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The wanted port of loopback where it is free, else any free one. */
export async function freePort(wanted = 0): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0))!;
}

async function answering(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
