/** Names the process that holds a port: "address in use" alone sends people searching at three in the morning. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv4 } from 'node:net';

/** "pid 1234 (node /usr/bin/serin agent)", or undefined where the system does not tell. */
export function portHolder(port: number, address: string): string | undefined {
  const inodes = listeningInodes(port, address);
  if (inodes.size === 0) return undefined;
  for (const pid of processIds()) {
    if (holdsAny(pid, inodes)) return `pid ${pid} (${commandOf(pid)})`;
  }
  return undefined;
}

function listeningInodes(port: number, address: string): Set<string> {
  const tables = read('/proc/net/tcp') + read('/proc/net/tcp6');
  return new Set(
    listeners(tables)
      .filter(conflictsWith(port, address))
      .map(({ inode }) => inode),
  );
}

interface Listener {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** The listening sockets of /proc/net/tcp and its like. */
export function listeners(table: string): Listener[] {
  const LISTEN = '0A';
  return table.split('\n').flatMap((line) => {
    const cells = line.trim().split(/\s+/);
    const [hexAddress, hexPort] = cells[1]?.split(':') ?? [];
    const inode = cells[9];
    if (cells[3] !== LISTEN || !hexAddress || !hexPort || !inode) return [];
    return [{ address: plainAddress(hexAddress), port: Number.parseInt(hexPort, 16), inode }];
  });
}

/** Others may hold the same port on another address of this machine. */
const conflictsWith =
  (port: number, address: string) =>
  (listener: Listener): boolean =>
    listener.port === port && (!isIPv4(address) || address === ANY || [address, ANY, OTHER].includes(listener.address));

const ANY = '0.0.0.0';
/** Of IPv6: it may stand for any IPv4 address as well. */
const OTHER = 'IPv6';

/** "0100007F" → "127.0.0.1": four bytes in the order of the machine. */
function plainAddress(hex: string): string {
  if (hex.length !== 8) return OTHER;
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
}

function processIds(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function holdsAny(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return target.startsWith('socket:[') && inodes.has(target.slice(8, -1));
    });
  } catch {
    return false; // gone meanwhile, or not ours to look at
  }
}

function commandOf(pid: string): string {
  return read(`/proc/${pid}/cmdline`).split('\0').filter(Boolean).slice(0, 4).join(' ') || 'unknown';
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
