/**
 * A command in a container with somebody at its other end: the engine's exec, over a connection that goes both ways.
 * Engines have no call that ends a command, so a keeper kills it on the node by the marker in its environment.
 */
import { type Duplex, PassThrough, Writable } from 'node:stream';
import { type Clock, sleep } from '../lib/clock.ts';
import type { Engine } from './docker-engine.ts';
import type { AttachedCommand, AttachRequest, TerminalSize } from './driver.ts';
import { EXEC_MARKER, type Keeper, startKeeper } from './exec-keeper.ts';
import { END_OF_FILE_KEY } from './terminal.ts';

type EngineExec = Awaited<ReturnType<ReturnType<Engine['getContainer']>['exec']>>;

const LOOK_MS = 250;
const MAX_LOOK_MS = 2_000;
const HEADER_BYTES = 8;
const STDERR = 2;
const USUAL_SIZE: TerminalSize = { columns: 80, rows: 24 };

export async function attachInContainer(
  engine: Engine,
  container: string,
  request: AttachRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<AttachedCommand> {
  const exec = await engine.getContainer(container).exec({
    Cmd: [request.command, ...request.args],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: request.tty,
    Env: [`${EXEC_MARKER}=${request.id}`, ...(request.tty ? [`TERM=${request.env.TERM ?? 'xterm'}`] : [])],
    ...(request.user !== '' && { User: request.user }),
  });
  const keeper = startKeeper(request.id, process.env.PATH ?? '/usr/bin:/bin');
  try {
    const connection = await exec.start({ hijack: true, stdin: true, Tty: request.tty });
    // Without it a terminal is nothing wide.
    if (request.tty) await resize(exec, USUAL_SIZE);
    return attachedTo(exec, connection, request.tty, { keeper, clock, signal });
  } catch (error) {
    await keeper.finish();
    throw error;
  }
}

interface Ending {
  readonly keeper: Keeper;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What came first of its output: of a command that could not be run, why. */
  readonly words: () => string;
}

function attachedTo(
  exec: EngineExec,
  connection: Duplex,
  tty: boolean,
  ending: Omit<Ending, 'words'>,
): AttachedCommand {
  let first = '';
  let resized = Promise.resolve();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  connection.on('error', () => {});
  const note = (chunk: Buffer) => {
    if (first === '') first = chunk.toString('utf8', 0, MOST_WORDS);
  };
  const copied = tty ? copyAll(connection, stdout, note) : copyFrames(connection, stdout, stderr, note);
  const over = copied.finally(() => {
    stdout.end();
    stderr.end();
  });
  return {
    stdin: new Writable({
      write: (chunk, _encoding, done) => void connection.write(chunk, () => done()),
      final: (done) => void (tty ? connection.write(END_OF_FILE_KEY, () => done()) : connection.end(() => done())),
    }),
    stdout,
    stderr,
    // One after the other: the last one counts.
    resize: (size) => {
      resized = resized.then(() => resize(exec, size));
    },
    exited: endOf(exec, connection, over, { ...ending, words: () => first }),
  };
}

async function endOf(exec: EngineExec, connection: Duplex, over: Promise<void>, ending: Ending): Promise<number> {
  const { keeper, clock, signal, words } = ending;
  const leave = () => void keeper.finish();
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  const exitCode = await exitCodeOf(exec, over, words, clock);
  signal.removeEventListener('abort', leave);
  // What it left in the background holds the connection.
  if (!(await keeper.finish())) connection.destroy();
  await over.catch(() => {});
  return exitCode;
}

/** An engine says that a command has ended by closing the connection, unless something else holds its output. */
async function exitCodeOf(exec: EngineExec, over: Promise<void>, words: () => string, clock: Clock): Promise<number> {
  const closed = new AbortController();
  over.then(
    () => closed.abort(),
    () => closed.abort(),
  );
  for (let pauseMs = LOOK_MS; ; pauseMs = Math.min(MAX_LOOK_MS, pauseMs * 2)) {
    await sleep(
      clock,
      closed.signal.aborted ? LOOK_MS / 10 : pauseMs,
      closed.signal.aborted ? undefined : closed.signal,
    );
    try {
      const { Running, ExitCode, Pid } = await exec.inspect();
      if (!Running) return Pid === 0 && isNotFound(words()) ? NOT_FOUND : (ExitCode ?? UNKNOWN);
    } catch {
      // The container is gone, or the engine.
      return UNKNOWN;
    }
  }
}

const UNKNOWN = 255;
/** Engines do not agree on the status of a command that is not there; runtimes agree on the words. */
const NOT_FOUND = 127;
const MOST_WORDS = 1024;
const isNotFound = (words: string): boolean => /not found|no such file/i.test(words);

async function resize(exec: EngineExec, { columns, rows }: TerminalSize): Promise<void> {
  try {
    await exec.resize({ w: columns, h: rows });
  } catch {
    // It has ended.
  }
}

type Note = (chunk: Buffer) => void;

async function copyAll(connection: Duplex, stdout: PassThrough, note: Note): Promise<void> {
  for await (const chunk of connection) {
    note(chunk as Buffer);
    await written(stdout, chunk as Buffer);
  }
}

/** One byte for the stream, three of nothing, four for the length. */
async function copyFrames(connection: Duplex, stdout: PassThrough, stderr: PassThrough, note: Note): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of connection) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    while (rest.length >= HEADER_BYTES && rest.length >= HEADER_BYTES + rest.readUInt32BE(4)) {
      const end = HEADER_BYTES + rest.readUInt32BE(4);
      note(rest.subarray(HEADER_BYTES, end));
      await written(rest[0] === STDERR ? stderr : stdout, rest.subarray(HEADER_BYTES, end));
      rest = rest.subarray(end);
    }
  }
}

async function written(to: PassThrough, chunk: Buffer): Promise<void> {
  if (to.write(chunk)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      to.off('drain', go);
      to.off('close', go);
      resolve();
    };
    to.on('drain', go);
    to.on('close', go);
  });
}
