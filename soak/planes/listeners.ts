/** Who listens on a port of an address of loopback, by the kernel's own list: a socket has an inode, and another one has another. */
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const LISTENING = '0A';
const LOOK_EVERY_MS = 2;

/** The inodes of the listening sockets. */
export const listenersOf = ({ host, port }: Place): ReadonlySet<string> =>
  parseListeners(readFileSync('/proc/net/tcp', 'utf8'), { host, port });

export interface Place {
  /** "127.0.0.4" */
  readonly host: string;
  readonly port: number;
}

export const parseListeners = (table: string, place: Place): ReadonlySet<string> =>
  new Set(inodesOf(table.split('\n').filter((line) => isListening(line, place))));

/** In the kernel's list the bytes of an address stand in the order of the machine. */
function tableAddress({ host, port }: Place): string {
  const address = host.split('.').reverse().map(Number).map(hex(2)).join('');
  return `${address}:${hex(4)(port)}`;
}

function isListening(line: string, place: Place): boolean {
  const [, local, , state] = line.trim().split(/\s+/);
  return local === tableAddress(place) && state === LISTENING;
}

const inodesOf = (lines: readonly string[]): string[] => lines.map((line) => line.trim().split(/\s+/)[9]!);

const hex =
  (digits: number) =>
  (value: number): string =>
    value.toString(16).toUpperCase().padStart(digits, '0');

export interface Comeback {
  /** The last look that found none. */
  readonly notYetMs: number;
  /** The first look that found one. */
  readonly backMs: number;
}

/** Looks that never wait for what else this process does: a thread of its own looks. */
export interface ListenerWatch {
  /**
   * Resolves when a socket listens that was not there when the watch began and is one of `carriers`' own: somebody may
   * listen for a moment to see whether the port is free. Rejects when that takes too long.
   */
  comeback(carriers: () => readonly number[], patienceMs: number, signal?: AbortSignal): Promise<Comeback>;
  stop(): Promise<void>;
}

export async function watchListeners(place: Place): Promise<ListenerWatch> {
  const known = listenersOf(place);
  const thread = new Worker(`(${lookOn})()`, { eval: true, workerData: ownLines(place) });
  const seen = new Map<string, Comeback>();
  thread.on('message', ({ notYetMs, backMs, lines }: Change) => {
    for (const inode of inodesOf(lines)) if (!seen.has(inode)) seen.set(inode, { notYetMs, backMs });
  });
  await once(thread, 'message');
  return {
    comeback: (carriers, patienceMs, signal) => comebackOf({ place, known, seen, carriers, patienceMs, signal }),
    stop: async () => void (await thread.terminate()),
  };
}

interface Change extends Comeback {
  readonly lines: readonly string[];
}

/**
 * The thread's program, and all of it: nothing from here is known there. Tells each change with the time, of this thread's
 * `performance`, of the last look before it and of the look that found it.
 */
function lookOn(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { constants, setPriority } = process.getBuiltinModule('node:os');
  // Of this thread alone: on a busy machine it would look too seldom to tell two processes apart. Not everybody may.
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch {}
  const { start, state, originMs } = workerData as OwnLines;
  const nap = new Int32Array(new SharedArrayBuffer(4));
  const now = () => performance.timeOrigin - originMs + performance.now();
  let [told, notYetMs] = ['none yet', now()];
  for (;;) {
    const lookedMs = now();
    const lines = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .filter((line) => line.includes(start) && line.includes(state));
    if (lines.join() !== told) parentPort?.postMessage({ notYetMs, backMs: now(), lines });
    told = lines.join();
    notYetMs = lookedMs;
    Atomics.wait(nap, 0, 0, 1);
  }
}

interface OwnLines {
  /** Of the listening sockets of the place: how their lines begin, and how they go on. */
  readonly start: string;
  readonly state: string;
  /** What this thread's times count from. */
  readonly originMs: number;
}

const ownLines = (place: Place): OwnLines => ({
  start: ` ${tableAddress(place)} `,
  state: ` ${LISTENING} `,
  originMs: performance.timeOrigin,
});

interface ComebackOptions {
  readonly place: Place;
  readonly known: ReadonlySet<string>;
  readonly seen: ReadonlyMap<string, Comeback>;
  readonly carriers: () => readonly number[];
  readonly patienceMs: number;
  readonly signal: AbortSignal | undefined;
}

async function comebackOf({ place, known, seen, carriers, patienceMs, signal }: ComebackOptions): Promise<Comeback> {
  const endMs = performance.now() + patienceMs;
  while (performance.now() < endMs && !signal?.aborted) {
    const fresh = [...seen.keys()].filter((inode) => !known.has(inode));
    const own = fresh.length > 0 ? carriers().flatMap((pid) => [...socketsOf(pid)]) : [];
    const inode = fresh.find((each) => own.includes(each));
    if (inode !== undefined) return seen.get(inode)!;
    await delay(LOOK_EVERY_MS);
  }
  throw new Error(`nobody listens at ${place.host}:${place.port} again within ${patienceMs} ms`);
}

/** The inodes of the sockets that a process has open; of one that is gone, none. */
function socketsOf(pid: number): ReadonlySet<string> {
  try {
    const links = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
    return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  } catch {
    return new Set();
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
