/** Where the files and sockets of an HAProxy lie. Paths of sockets are short: the system allows about 100 bytes. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

export interface HaproxyFiles {
  readonly dir: string;
  readonly config: string;
  /** Written, not yet found good. */
  readonly nextConfig: string;
  readonly lua: string;
  /** The steps in which times are counted. */
  readonly steps: string;
  readonly log: string;
  /** Who runs: pid and start time of the master. */
  readonly process: string;
  readonly masterSocket: string;
  readonly workerSocket: string;
  holdSocket(service: string): string;
}

export function haproxyFiles(dir: string): HaproxyFiles {
  return {
    dir,
    config: join(dir, 'haproxy.cfg'),
    nextConfig: join(dir, 'next.cfg'),
    lua: join(dir, 'hold.lua'),
    steps: join(dir, 'latency.steps'),
    log: join(dir, 'haproxy.log'),
    process: join(dir, 'process.json'),
    masterSocket: join(dir, 'master'),
    workerSocket: join(dir, 'worker'),
    holdSocket: (service) => join(dir, `h${createHash('sha256').update(service).digest('hex').slice(0, 8)}`),
  };
}

export const mapFile = ({ dir }: HaproxyFiles, map: string): string => join(dir, `${map}.map`);

/** HAProxy binds under a temporary name first: ".PID.tmp" is added. */
const LONGEST_SOCKET = 107 - '.1234567.tmp'.length;

export function socketProblem(files: HaproxyFiles): string | undefined {
  const length = Buffer.byteLength(files.holdSocket(''));
  if (length <= LONGEST_SOCKET) return undefined;
  return `the path ${files.dir} is too long for sockets by ${length - LONGEST_SOCKET} bytes: choose a shorter data_dir`;
}
