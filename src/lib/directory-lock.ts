/**
 * One agent for one data directory. The lock is a bound socket, which vanishes with its process however that ends, so
 * nothing is left to clean up after SIGKILL. On Linux its name is abstract (no file at all); elsewhere it is a socket
 * file whose dead owner is noticed by connecting. A pid file beside the data only names the holder.
 */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerinError } from './errors.ts';

export interface DirectoryLock {
  release(): Promise<void>;
}

export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const name = await socketName(directory);
  const server = (await bind(name)) ?? (await bindOverDead(name));
  const pidFile = join(directory, 'pid');
  if (!server) throw inUse(directory, await readFile(pidFile, 'utf8').catch(() => ''));
  await writeFile(pidFile, `${process.pid}\n`);
  return {
    release: async () => {
      await rm(pidFile, { force: true });
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Named by what the directory is, not by how its path is spelled. */
async function socketName(directory: string): Promise<string> {
  const { dev, ino } = await stat(directory, { bigint: true });
  const name = `serin-data-${dev}-${ino}`;
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.sock`);
}

/** undefined: somebody else has bound the name. */
function bind(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => resolve(server));
    server.unref();
  });
}

async function bindOverDead(name: string): Promise<Server | undefined> {
  if (name.startsWith('\0') || (await answers(name))) return undefined;
  await rm(name, { force: true });
  return bind(name);
}

function answers(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(name, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function inUse(directory: string, pidText: string): SerinError {
  const pid = Number.parseInt(pidText, 10);
  const holder = Number.isNaN(pid) ? 'another process' : `process ${pid}`;
  return new SerinError(
    'storage',
    `the data directory ${directory} is in use by ${holder}; stop that agent, or give this one another directory`,
  );
}
