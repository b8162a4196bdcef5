/** A command in a terminal of its own. The library is loaded by the first that wants one; few agents ever do. */
import { Readable, Writable } from 'node:stream';
import { messageOf, SerinError } from '../lib/errors.ts';
import type { AttachedCommand, TerminalSize } from './driver.ts';
import type { Keeper } from './exec-keeper.ts';

export interface TerminalCommand {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

type Pty = ReturnType<Awaited<ReturnType<typeof loadLibrary>>['spawn']>;

/** What most programs know. */
const TERM = 'xterm';
export const END_OF_FILE_KEY = '\x04';
const MOST = 65_535;

export async function openTerminal(command: TerminalCommand, keeper: Keeper): Promise<AttachedCommand> {
  const { spawn } = await loadLibrary();
  const [program, ...args] = command.argv;
  const pty = spawn(program, args, {
    name: command.env.TERM ?? TERM,
    cwd: command.cwd,
    env: { ...command.env },
    // Bytes: a character may come in two pieces.
    encoding: null,
  });
  keeper.owns(pty.pid);
  const stdout = outputOf(pty);
  return {
    stdin: inputOf(pty),
    stdout,
    stderr: Readable.from([]),
    resize: (size) => resize(pty, size),
    exited: endOf(pty, stdout, keeper),
  };
}

async function loadLibrary() {
  try {
    return await import('@lydell/node-pty');
  } catch (cause) {
    throw new SerinError('driver', `this node has no terminals to give: ${messageOf(cause).split('\n')[0]}`, { cause });
  }
}

function outputOf(pty: Pty): Readable {
  const stdout = new Readable({ read: () => pty.resume() });
  pty.onData((data) => {
    if (!stdout.push(data)) pty.pause();
  });
  return stdout;
}

const inputOf = (pty: Pty): Writable =>
  new Writable({
    write: (chunk, _encoding, done) => {
      pty.write(chunk);
      done();
    },
    final: (done) => {
      pty.write(END_OF_FILE_KEY);
      done();
    },
  });

function endOf(pty: Pty, stdout: Readable, keeper: Keeper): Promise<number> {
  return new Promise((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      stdout.push(null);
      void keeper.finish().then(() => resolve(signal ? 128 + signal : exitCode));
    });
  });
}

/** A size that is none, and one that comes too late, change nothing. */
function resize(pty: Pty, { columns, rows }: TerminalSize): void {
  if (![columns, rows].every((each) => Number.isInteger(each) && each > 0 && each <= MOST)) return;
  try {
    pty.resize(columns, rows);
  } catch {
    // The terminal is closed.
  }
}
