/**
 * A registry of a test's own, in the network of its engine and on loopback there, so that the engine asks for no
 * certificate. It knows one user.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PullAuth } from '../docker-image.ts';
import type { TestEngine } from './docker-engine.ts';
import { eventually } from './eventually.ts';

const PROGRAM = '/usr/bin/docker-registry';
const PORT = 5000;

export const DEAF_HOST = '127.0.0.1:5001';
export const REGISTRY_HOST = `127.0.0.1:${PORT}`;
export const REGISTRY_AUTH: PullAuth = { username: 'somebody', password: 'right', serveraddress: REGISTRY_HOST };
/** The password as bcrypt keeps it. */
const USERS = 'somebody:$2b$04$iR2LKG0KzoE1OsOHx1NgZuLZpdPwP3fbcCWbRxvOJFsxmQZb5AHYC\n';

export const registryMissing = (): string | undefined => (existsSync(PROGRAM) ? undefined : `${PROGRAM} missing`);

/** Something on that port of the engine's network takes one connection, and never answers. */
export async function startDeaf(engine: TestEngine): Promise<TestRegistry> {
  const deaf = beside(engine, '/bin/busybox', ['nc', '-l', '-p', DEAF_HOST.split(':')[1]!]);
  await eventually(() => listens(deaf.pid ?? 0));
  return { close: () => ended(deaf) };
}

export interface TestRegistry {
  close(): Promise<void>;
}

export async function startTestRegistry(engine: TestEngine): Promise<TestRegistry> {
  const dir = join(engine.dir, 'registry');
  mkdirSync(dir);
  writeFileSync(join(dir, 'users'), USERS);
  writeFileSync(join(dir, 'config.json'), JSON.stringify(configOf(dir)));
  const registry = beside(engine, PROGRAM, ['serve', join(dir, 'config.json')]);
  await eventually(() => answers(engine));
  return { close: () => ended(registry) };
}

/** JSON is YAML. */
const configOf = (dir: string): object => ({
  version: 0.1,
  log: { level: 'error' },
  storage: { filesystem: { rootdirectory: join(dir, 'data') } },
  http: { addr: REGISTRY_HOST },
  auth: { htpasswd: { realm: 'test', path: join(dir, 'users') } },
});

function beside(engine: TestEngine, program: string, args: readonly string[]): ChildProcess {
  // It ends with the test, also when the test is killed.
  const words = ['--pdeathsig', 'KILL', '/usr/bin/nsenter', '-t', String(engine.pid), '-n', program, ...args];
  return spawn('/usr/bin/setpriv', words, { stdio: ['pipe', 'ignore', 'ignore'] });
}

/** The engine reaches it: it knows no such image, instead of nobody. */
async function answers(engine: TestEngine): Promise<boolean> {
  const auth = { username: '', password: '', serveraddress: REGISTRY_HOST };
  const words = await engine.docker.checkAuth(auth).catch(String);
  return !String(words).includes('refused');
}

/** In the network that the process is in; in hexadecimal, as the kernel has it. */
function listens(pid: number): boolean {
  const port = Number(DEAF_HOST.split(':')[1]).toString(16).toUpperCase();
  const tables = ['tcp', 'tcp6'].map((name) => readFileSync(`/proc/${pid}/net/${name}`, 'utf8'));
  return tables.some((table) => new RegExp(`:${port} \\S+ 0A `).test(table));
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
