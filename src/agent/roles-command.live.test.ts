/** `serin agent` as a person meets it: each mistake is a sentence and an exit status, each signal does what it says. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import { Cluster, type Ended } from './roles-rig.ts';
import { freePort } from './testing/live-agent.ts';
import { endProcess, isRunning, processesOf } from './testing/own-processes.ts';
import { buildProgram, type Program } from './testing/program.ts';
import { until } from './testing/until.ts';

let program: Program;
let cluster: Cluster;

beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program?.remove());
beforeEach(() => {
  cluster = new Cluster(program);
});
afterEach(() => cluster.cleanUp());

function expectSentence(ended: Ended, sentence: RegExp): void {
  expect([ended.code, ended.stdout]).toEqual([1, '']);
  expect(ended.stderr).toMatch(sentence);
  expect(ended.stderr).not.toMatch(/\n {4}at |Error:/);
}

const SERVER = 'server {\n enabled = true\n}';

describe('a mistake is one sentence', () => {
  it('in flags and files, all at once', async () => {
    const file = cluster.file('servr {\n}\nlog_level = 5\n', 'wrong.hcl');
    const words = ['agent', '-config', file, '-config', join(cluster.folder, 'none'), '-http-port', 'x', '-meta', 'y'];
    const ended = await cluster.run(words);
    expectSentence(ended, /wrong\.hcl:1: no such name: "servr"\. Did you mean "server"\?/);
    expect(ended.stderr.trim().split('\n')).toHaveLength(5);
  });

  it.each([
    [['-devv'], /^There is no flag -devv\. Did you mean -dev\?/],
    [['-address', 'http://127.0.0.1:1'], /^There is no flag -address/],
    [['-config'], /-config/],
    [['please'], /takes no arguments/],
    [[], /^no role is enabled/],
    [['-dev', '-bind', '0.0.0.0'], /an open port is a shell on every node/],
    [['-dev', '-bind', '192.0.2.1', '-insecure'], /192\.0\.2\.1 is no address of this machine/],
    [['-dev', '-data-dir', '/dev/null/x'], /^the data directory \/dev\/null\/x cannot be used/],
  ])('%j', async (words, sentence) => expectSentence(await cluster.run(['agent', ...words]), sentence));

  it('a port in use names the process that holds it', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as { port: number };
    const ended = await cluster.run(['agent', '-dev', '-http-port', `${port}`, '-data-dir', join(cluster.folder, 'd')]);
    holder.close();
    expectSentence(ended, new RegExp(`^127\\.0\\.0\\.1:${port} is in use by pid ${process.pid} \\(`));
  });

  it('a second agent on a data directory, whatever their roles are', async () => {
    const first = cluster.agent('first', `http://127.0.0.1:${await freePort()}`, SERVER);
    await first.start();
    const node = ['-client', '-servers', '127.0.0.1:1', '-data-dir', first.dataDir];
    const ended = await cluster.run(['agent', ...node, '-http-port', `${await freePort()}`]);
    expectSentence(ended, new RegExp(`data directory ${first.dataDir} is in use by process ${first.pid};`));
    await first.end('SIGTERM');
    expect(first.log).toMatch(/==> The agent has stopped\.\n$/);
  });

  it('a damaged store, and data from a newer version', async () => {
    const port = `${await freePort()}`;
    const start = (role: string, dir: string) =>
      cluster.run([
        'agent',
        role,
        '-servers',
        '127.0.0.1:1',
        '-http-port',
        port,
        '-data-dir',
        join(cluster.folder, dir),
      ]);
    mkdirSync(join(cluster.folder, 'damaged/server'), { recursive: true });
    writeFileSync(join(cluster.folder, 'damaged/server/state.mdb'), 'no store at all'.repeat(1_000));
    expectSentence(await start('-server', 'damaged'), /state\.mdb is damaged .*restore it from a backup/);
    mkdirSync(join(cluster.folder, 'newer/node/client'), { recursive: true });
    writeFileSync(join(cluster.folder, 'newer/node/client/allocs.journal'), '{"format":99}\n');
    expectSentence(
      await start('-client', 'newer'),
      /has format 99, this version reads 1; run the version that wrote it/,
    );
  });
});

/** Ignores what it is told, and answers only when it likes. */
const STUBBORN = (listen: number): string => `
job "stubborn" {
  datacenters = ["dc1"]
  group "app" {
    network {
      port "http" {}
    }
    service {
      name = "web"
      port = "http"
      ingress {
        listen = ${listen}
      }
    }
    task "server" {
      driver       = "raw_exec"
      kill_timeout = "60s"
      config {
        command = "${process.execPath}"
        args = ["-e", <<-JS
          for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => {});
          require('node:http').createServer((request, response) => {
            if (request.url === '/') response.end('here');
          }).listen(Number(process.env.NOMAD_PORT_http), '127.0.0.1');
        JS
        ]
      }
      resources {
        cpu    = 20
        memory = 16
      }
    }
  }
}
`;

it('-dev: SIGHUP reads again, one SIGINT drains, a second one ends everything long before kill_timeout', async () => {
  const [port, listen] = [await freePort(), await freePort()];
  const dataDir = join(cluster.folder, 'dev');
  const logFile = join(cluster.folder, 'dev.log');
  const config = cluster.file('log_level = "info"', 'level.hcl');
  const output = openSync(logFile, 'a');
  const words = ['agent', '-dev', '-http-port', `${port}`, '-data-dir', dataDir, '-config', config];
  const pid = cluster.spawn(words, output).pid!;
  closeSync(output);
  const log = (): string => readFileSync(logFile, 'utf8');
  await until('it starts', () => log().includes('agent started!'));
  const address = { NOMAD_ADDR: `http://127.0.0.1:${port}` };
  expect((await cluster.run(['run', '-detach', cluster.file(STUBBORN(listen))], address)).code).toBe(0);
  const task = await until('it serves', async () => {
    const allocs = (await (await fetch(`${address.NOMAD_ADDR}/v1/allocations`)).json()) as Allocation[];
    return (await fetch(`http://127.0.0.1:${listen}/`)).ok && allocs[0]?.ClientStatus === 'running';
  });
  expect(task).toBe(true);

  writeFileSync(config, 'log_level = "loud"');
  endProcess(pid, 'SIGHUP');
  await until('the mistake is told', () => log().includes('log_level must be one of'));
  writeFileSync(config, 'log_level = "debug"');
  endProcess(pid, 'SIGHUP');
  await until('the new level is in force', () => log().includes('logLevel=debug'));

  const slow = fetch(`http://127.0.0.1:${listen}/never`).catch(() => undefined);
  endProcess(pid, 'SIGINT');
  await until('it waits for what is in flight', () => log().includes('draining and stopping every task'));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(isRunning(pid)).toBe(true);
  const beganMs = Date.now();
  endProcess(pid, 'SIGINT');
  await until('it ends', () => !isRunning(pid));
  expect(Date.now() - beganMs).toBeLessThan(30_000);
  await slow;
  expect(processesOf(dataDir)).toEqual([]);
  expect(() => readFileSync(dataDir)).toThrow(/ENOENT/);
  expect(log()).toContain('every task with it; its data directory is removed');
});

it('-dev: what a killed agent left is taken up by the next one, and ended in order', async () => {
  const [port, listen] = [await freePort(), await freePort()];
  const dataDir = join(cluster.folder, 'dev');
  const address = { NOMAD_ADDR: `http://127.0.0.1:${port}` };
  const start = async (name: string) => {
    const output = openSync(join(cluster.folder, name), 'a');
    const child = cluster.spawn(['agent', '-dev', '-http-port', `${port}`, '-data-dir', dataDir], output);
    closeSync(output);
    await until('it starts', () => readFileSync(join(cluster.folder, name), 'utf8').includes('agent started!'));
    return child.pid!;
  };
  const first = await start('first.log');
  const polite = STUBBORN(listen).replace(/for \(const name.*\n/, '\n');
  expect((await cluster.run(['run', '-detach', cluster.file(polite)], address)).code).toBe(0);
  await until('it serves', async () => (await fetch(`http://127.0.0.1:${listen}/`)).ok);
  endProcess(first, 'SIGKILL');
  await until('it is gone', () => !isRunning(first));
  expect((await fetch(`http://127.0.0.1:${listen}/`)).ok).toBe(true);
  const second = await start('second.log');
  const log = (): string => readFileSync(join(cluster.folder, 'second.log'), 'utf8');
  await until('ingress and task are taken up', () => log().includes('ingress adopted') && log().includes('taken up'));
  endProcess(second, 'SIGTERM');
  await until('it ends', () => !isRunning(second));
  expect(processesOf(dataDir)).toEqual([]);
  rmSync(dataDir, { recursive: true, force: true });
});
