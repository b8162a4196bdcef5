/**
 * Whether a port can be listened on, told without listening on it: a probe that listens, for a moment only, would take
 * a user's connection and drop it. HAProxy takes a configuration whole or not at all: a port that is taken stays out of it.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type ListeningSocket, listeningSockets } from './listening-sockets.ts';

/** undefined: it is free. Else why not, in words that go on after "the ingress …". */
export function portProblem(port: number, address: string): string | undefined {
  const reason = PROBLEMS.map((problem) => problem(port, address)).find((each) => each !== undefined);
  return reason === undefined ? undefined : `cannot listen on ${place(address, port)}: ${reason}`;
}

/** Whether one socket that listens keeps another from it. A wildcard of the sixth family stands for both. */
export function isInTheWay(socket: ListeningSocket, port: number, address: string): boolean {
  if (socket.port !== port) return false;
  if (address === '::' || socket.address === '::') return true;
  if (isFourth(address) !== isFourth(socket.address)) return false;
  return address === ANY_OF_FOURTH || socket.address === ANY_OF_FOURTH || address === socket.address;
}

type Problem = (port: number, address: string) => string | undefined;

const PROBLEMS: readonly Problem[] = [
  (port, address) => (isTaken(port, address) ? 'another process holds the port' : undefined),
  (port) => (isReserved(port) ? 'it needs the right to use ports below 1024' : undefined),
  (_, address) => (isOfThisMachine(address) ? undefined : 'the address is none of this machine'),
];

const ANY_OF_FOURTH = '0.0.0.0';
const isFourth = (address: string): boolean => !address.includes(':');

const place = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

function isTaken(port: number, address: string): boolean {
  const sockets = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningSockets(beginningOf(file)));
  return sockets.some((socket) => isInTheWay(socket, port, address));
}

/** Those that listen stand first: however many connections there are, they are not read. */
function beginningOf(file: string): string {
  let text = '';
  try {
    const fd = openSync(file, 'r');
    const piece = Buffer.alloc(65_536);
    try {
      for (let size = 1; size > 0 && !HAS_OTHERS.test(text); ) {
        size = readSync(fd, piece);
        text += piece.toString('latin1', 0, size);
      }
    } finally {
      closeSync(fd);
    }
  } catch {
    // Without it HAProxy says itself, when it starts, that a port is taken.
  }
  return text;
}

/** A line of a socket that does not listen. */
const HAS_OTHERS = /^ *\d+: \S+ \S+ (?!0A)\S\S /m;

/** Bit 10 of the process's capabilities: the right to use the ports of the system. */
const BIND_RIGHT = 1n << 10n;

function isReserved(port: number): boolean {
  const first = Number(readText('/proc/sys/net/ipv4/ip_unprivileged_port_start') ?? 1024);
  if (port >= first) return false;
  const rights = /^CapEff:\s*([0-9a-f]+)/m.exec(readText('/proc/self/status') ?? '')?.[1];
  return rights !== undefined && (BigInt(`0x${rights}`) & BIND_RIGHT) === 0n;
}

function isOfThisMachine(address: string): boolean {
  if (address === '::' || address === ANY_OF_FOURTH || address.startsWith('127.')) return true;
  if (readText('/proc/sys/net/ipv4/ip_nonlocal_bind')?.trim() === '1') return true;
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  // A name is for HAProxy to resolve.
  return !/^[\d.]+$|:/.test(address) || own.some((each) => each.address === address.replace(/%.*$/, ''));
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
