/** Who listens on a port of an address of loopback, by the kernel's own list: a socket has an inode, and another one has another. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

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

export function parseListeners(table: string, { host, port }: Place): ReadonlySet<string> {
  // The bytes of an address stand in the order of the machine.
  const address = host.split('.').reverse().map(Number).map(hex(2)).join('');
  const wanted = `${address}:${hex(4)(port)}`;
  const found = new Set<string>();
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (local === wanted && state === LISTENING && inode !== undefined) found.add(inode);
  }
  return found;
}

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

/**
 * Resolves when a socket listens that was not among `known` and is one of `carriers`' own: somebody may listen for a moment
 * to see whether the port is free.
 */
export async function comebackOf(
  place: Place,
  known: ReadonlySet<string>,
  carriers: () => readonly number[],
  patienceMs: number,
  signal?: AbortSignal,
): Promise<Comeback> {
  const endMs = performance.now() + patienceMs;
  let notYetMs = performance.now();
  for (;;) {
    const lookedMs = performance.now();
    const fresh = [...listenersOf(place)].filter((each) => !known.has(each));
    if (fresh.length > 0 && carriers().some((pid) => fresh.some((inode) => socketsOf(pid).has(inode))))
      return { notYetMs, backMs: performance.now() };
    notYetMs = lookedMs;
    if (lookedMs > endMs || signal?.aborted)
      throw new Error(`nobody listens at ${place.host}:${place.port} again within ${patienceMs} ms`);
    await delay(LOOK_EVERY_MS);
  }
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
