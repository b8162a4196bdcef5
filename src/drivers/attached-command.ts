/**
 * A program of this machine with somebody at its other end, through pipes or a terminal: what `attach` of raw_exec and
 * exec is made of. A keeper (`exec-keeper.ts`) sees to it that nothing of it stays.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { messageOf, SerinError } from '../lib/errors.ts';
import type { AttachedCommand } from './driver.ts';
import { EXEC_MARKER, type Keeper, startKeeper } from './exec-keeper.ts';
import { type InnerCommand, withInner } from './inner-command.ts';
import { signalNumber } from './signals.ts';
import { openTerminal } from './terminal.ts';

export interface LocalCommand {
  readonly id: string;
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly tty: boolean;
  /** Where the keeper finds its tools. */
  readonly path: string;
  /** Of a program that runs another one for us, in a container. */
  readonly inner?: InnerCommand;
}

export async function attachLocal(command: LocalCommand, signal: AbortSignal): Promise<AttachedCommand> {
  const { id, inner } = command;
  const keeper = startKeeper(id, command.path, inner?.pidFile);
  const marked = inner === undefined ? { ...command, env: { ...command.env, [EXEC_MARKER]: id } } : command;
  try {
    const attached = await (command.tty ? openTerminal : openPipes)(marked, keeper);
    endWith(attached, keeper, signal);
    return inner === undefined ? attached : withInner(attached, inner, keeper);
  } catch (error) {
    await keeper.finish();
    throw error;
  }
}

/** What a shell would say of a command that cannot be run, in the place where it would say it. */
export function refusedCommand(exitCode: number, sentence: string, tty: boolean): AttachedCommand {
  const [words, nothing] = [Readable.from([Buffer.from(`${sentence}${tty ? '\r\n' : '\n'}`)]), Readable.from([])];
  return {
    stdin: new PassThrough().resume(),
    stdout: tty ? words : nothing,
    stderr: tty ? nothing : words,
    resize: () => {},
    exited: Promise.resolve(exitCode),
  };
}

function endWith(attached: AttachedCommand, keeper: Keeper, signal: AbortSignal): void {
  const leave = () => void keeper.finish();
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  void attached.exited.then(() => signal.removeEventListener('abort', leave));
}

async function openPipes(command: LocalCommand, keeper: Keeper): Promise<AttachedCommand> {
  const [program, ...args] = command.argv;
  const child = spawn(program, args, { cwd: command.cwd, env: command.env, stdio: 'pipe', detached: true });
  const exited = endOf(child, keeper);
  await started(child, program);
  // What the child is not there to read is lost with it.
  child.stdin.on('error', () => {});
  const stdin = new Writable({
    write: (chunk, _encoding, done) => void child.stdin.write(chunk, () => done()),
    final: (done) => void child.stdin.end(() => done()),
  });
  return { stdin, stdout: child.stdout, stderr: child.stderr, resize: () => {}, exited };
}

async function started(child: ChildProcessWithoutNullStreams, program: string): Promise<void> {
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new SerinError('driver', `cannot run ${program}: ${messageOf(cause)}`, { cause });
  }
}

function endOf(child: ChildProcessWithoutNullStreams, keeper: Keeper): Promise<number> {
  if (child.pid !== undefined) keeper.owns(child.pid);
  return new Promise((resolve) => {
    child.on('exit', async (status, signal) => {
      const isEmpty = await keeper.finish();
      // Somebody who cannot be killed holds the pipes.
      if (!isEmpty) for (const stream of [child.stdout, child.stderr]) stream.destroy();
      resolve(status ?? 128 + signalNumber(signal ?? ''));
    });
  });
}
