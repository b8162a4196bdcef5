import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sleep, systemClock } from '../lib/clock.ts';
import { describeDriver } from './contract.ts';
import { LABELS } from './docker-container-options.ts';
import { compileDockerPlugin } from './docker-plugin-config.ts';
import type { DockerAgentParts } from './testing/docker-agent.ts';
import { engineMissing, startTestEngine, TEST_IMAGE, type TestEngine } from './testing/docker-engine.ts';
import { type DockerLab, makeDockerLab } from './testing/docker-lab.ts';
import { eventually } from './testing/eventually.ts';

const missing = engineMissing();
const never = new AbortController().signal;
let engine: TestEngine;

// Where everything could be installed (npm test says so) a missing engine fails, it is not skipped.
const isOptional = process.env.SERIN_LIVE !== 'required';
describe.skipIf(missing !== undefined && isOptional)(
  `docker on a real engine${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    beforeAll(async () => {
      engine = await startTestEngine();
    });
    afterAll(() => engine?.close());

    describeDriver('docker', async () => makeDockerLab(engine));

    describe('docker', () => {
      let lab: DockerLab;
      beforeEach(() => {
        lab = makeDockerLab(engine);
      });
      afterEach(async () => {
        for (const { Id } of await engine.docker.listContainers({ all: true })) {
          await engine.docker.getContainer(Id).remove({ force: true });
        }
        await lab.close();
      });

      it('copies output to the letter into the files of the task, before it says that the task has ended', async () => {
        const driver = lab.open();
        const task = lab.shell('echo out; echo err >&2; printf "no newline"; exit 3');
        const handle = await driver.start(task);
        expect(await driver.wait(handle, never)).toMatchObject({ exitCode: 3 });
        expect(lab.output(task)).toBe('out\nno newline');
        expect(readFileSync(task.stderrPath, 'utf8')).toBe('err\n');
      });

      it('loses and doubles no line of output while one agent after another is killed', async () => {
        const task = lab.shell(
          'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i; [ $((i % 30)) = 0 ] && sleep 0.01; done',
        );
        const plugin = compileDockerPlugin({ endpoint: engine.socketPath }, undefined);
        const entry = join(lab.dir, 'agent.mjs');
        const input = new URL('./testing/docker-agent.ts', import.meta.url).pathname;
        const output = { file: entry, format: 'esm', codeSplitting: false } as const;
        await build({ input, platform: 'node', output, logLevel: 'silent' });
        const agent = (command: string) =>
          outputAgent(entry, { stateDir: join(lab.dir, 'state'), plugin, task }, command);
        const first = agent('start');
        await eventually(() => existsSync(task.stdoutPath) && lab.output(task).length > 50);
        await first.kill();
        for (let kills = 0; kills < 6; kills++) {
          const next = agent('recover');
          await sleep(systemClock, 150 + 60 * kills);
          await next.kill();
        }
        const driver = lab.open();
        const handle = await driver.recover(task.id, undefined);
        expect(await driver.wait(handle!, never)).toMatchObject({ exitCode: 0 });
        expect(lab.output(task)).toBe(Array.from({ length: 3_000 }, (_each, at) => `${at + 1}\n`).join(''));
      });

      it('gives the task its environment, folders, labels, user and working directory', async () => {
        const driver = lab.open();
        const script = 'echo "$GREETING"; id -u; pwd; echo made >/alloc/file; echo mine >/local/file; ls -d /secrets';
        const config = { command: '/bin/sh', args: ['-c', script], work_dir: '/tmp', labels: [{ team: 'a' }] };
        const task = lab.task(config, { user: '0' });
        const handle = await driver.start(task);
        await driver.wait(handle, never);
        expect(lab.output(task)).toBe(`it's "fine"\n$HOME\n0\n/tmp\n/secrets\n`);
        expect(readFileSync(join(task.allocDir, 'file'), 'utf8')).toBe('made\n');
        expect(readFileSync(join(task.taskDir, 'local/file'), 'utf8')).toBe('mine\n');
        const [container] = await engine.docker.listContainers({ all: true });
        expect(container).toMatchObject({
          Names: [`/web-${task.allocId}`],
          Labels: { team: 'a', [LABELS.taskId]: task.id },
        });
      });

      it('maps ports of the allocation into the container', async () => {
        const driver = lab.open();
        const config = {
          command: '/bin/sh',
          args: ['-c', 'while :; do echo hello | nc -l -p 80; done'],
          ports: ['http'],
        };
        const port = { label: 'http', value: 20_080, to: 80, hostIP: '127.0.0.1' };
        const handle = await driver.start(lab.task(config, { ports: [port] }));
        await eventually(() => ask(20_080) === 'hello\n');
        const second = driver.start(lab.task(config, { ports: [port] }));
        await expect(second).rejects.toThrow(/20080.*(allocated|in use)/);
        expect(await driver.inspect(handle)).toMatchObject({ state: 'running' });
        expect(await engine.docker.listContainers({ all: true })).toHaveLength(1);
      });

      it('says that a port is taken by another program of the node', async () => {
        const holder = spawn('/usr/bin/nsenter', [...NETWORK(), '/bin/busybox', 'nc', '-l', '-p', '20081']);
        await eventually(() => netstat().includes(':20081 '));
        const config = { command: '/bin/sh', args: ['-c', 'sleep 1'], ports: ['http'] };
        const port = { label: 'http', value: 20_081, to: 80, hostIP: '127.0.0.1' };
        const start = lab.open().start(lab.task(config, { ports: [port] }));
        await expect(start).rejects.toThrow(/cannot start the container: .*20081.*in use/);
        expect(await engine.docker.listContainers({ all: true })).toEqual([]);
        holder.kill();
      });

      it('keeps nothing open once it is closed, so that an agent that leaves is gone', async () => {
        const before = readdirSync('/proc/self/fd').length;
        const driver = lab.open();
        const handle = await driver.start(lab.sleeper());
        const leave = new AbortController();
        const ended = driver.wait(handle, leave.signal);
        await sleep(systemClock, 200);
        leave.abort();
        expect(await ended).toBeUndefined();
        await driver.close();
        await eventually(() => readdirSync('/proc/self/fd').length <= before + 1);
        expect(await driver.inspect(handle)).toMatchObject({ state: 'running' });
      });

      it('says that a task was killed for its memory', async () => {
        const driver = lab.open();
        const handle = await driver.start(lab.shell('tail /dev/zero', { memoryMB: 8 }));
        expect(await driver.wait(handle, never)).toEqual({ exitCode: 137, signal: 9, oomKilled: true });
      });

      it.each([
        ['an image that nobody has', { image: 'nobody/has-it:1' }, /cannot pull image "nobody\/has-it:1": /],
        ['a program that is not in the image', { command: '/bin/nothing' }, /cannot start the container: .*nothing/],
        [
          'a port that the group does not have',
          { ports: ['http'] },
          /port "http" is not one of the group's network \(none\)/,
        ],
        ['a folder of the node', { volumes: ['/etc:/etc'] }, /volumes \{ enabled = true \}/],
      ])('names the cause when it cannot start: %s', async (_name, config, cause) => {
        await expect(lab.open().start(lab.task(config))).rejects.toMatchObject({ code: 'driver', message: cause });
        expect(await engine.docker.listContainers({ all: true })).toEqual([]);
      });

      it('leaves a foreign container alone that has the name, and replaces what an earlier start of the task left', async () => {
        const driver = lab.open();
        const task = lab.sleeper();
        const foreign = await engine.docker.createContainer({
          name: `web-${task.allocId}`,
          Image: TEST_IMAGE,
          Cmd: ['sh'],
        });
        await expect(driver.start(task)).rejects.toThrow(/is taken by container .* not of this agent/);
        await foreign.remove();
        await driver.start(task);
        const again = await driver.start({ ...task, id: randomUUID() });
        expect(await driver.inspect(again)).toMatchObject({ state: 'running' });
        expect(await engine.docker.listContainers({ all: true })).toHaveLength(1);
      });

      it('removes containers of its own that nobody knows, and no one else\u2019s', async () => {
        const [mine, other] = [lab.open(), lab.open({}, 'other')];
        const [known, unknown, foreign] = [lab.sleeper(), lab.sleeper(), lab.sleeper()];
        for (const task of [known, unknown]) await mine.start(task);
        await other.start(foreign);
        await engine.docker.createContainer({ name: 'stranger', Image: TEST_IMAGE, Cmd: ['sh'] });
        await mine.sweep((id) => id === known.id);
        const left = await engine.docker.listContainers({ all: true });
        expect(left.map(({ Names }) => Names[0]!.slice(1)).sort()).toEqual(
          ['stranger', `web-${known.allocId}`, `web-${foreign.allocId}`].sort(),
        );
        expect(await other.recover(known.id, undefined)).toBeUndefined();
      });

      it('leaves containers where its node wants to look at them', async () => {
        const driver = lab.open({ gc: [{ container: false, dangling_containers: [{ enabled: false }] }] });
        const [ended, unknown] = [lab.exiting(0), lab.sleeper()];
        const handle = await driver.start(ended);
        await driver.wait(handle, never);
        await driver.destroy(handle);
        await driver.start(unknown);
        await driver.sweep(() => false);
        const left = await engine.docker.listContainers({ all: true });
        expect(left.map(({ State }) => State).sort()).toEqual(['exited', 'running']);
      });

      it('never starts what was created when its agent died', async () => {
        const task = lab.sleeper();
        const driver = lab.open();
        const handle = await driver.start(task);
        const { Config } = await engine.docker
          .getContainer((handle.state as { container: string }).container)
          .inspect();
        await driver.destroy(handle);
        await engine.docker.createContainer({ Image: TEST_IMAGE, Cmd: ['sh'], Labels: Config.Labels });
        expect(await driver.recover(task.id, undefined)).toBeUndefined();
        expect(await engine.docker.listContainers({ all: true })).toEqual([]);
      });

      it('runs commands inside the container and kills one that takes too long', async () => {
        const driver = lab.open();
        const handle = await driver.start(lab.sleeper());
        const run = (script: string, timeoutMs = 60_000) => {
          const request = {
            command: '/bin/sh',
            args: ['-c', script],
            env: {},
            user: '',
            taskDir: '/',
            timeoutMs,
            maxOutputBytes: 7,
          };
          return driver.exec(handle, request, never);
        };
        expect(await run('echo "$NOMAD_ALLOC_DIR and more"; exit 2')).toEqual({ exitCode: 2, output: '/alloc ' });
        await expect(run('exec sleep 777', 300)).rejects.toThrow('no result within 300 ms');
        const processes = async () =>
          JSON.stringify(await engine.docker.getContainer((handle.state as { container: string }).container).top());
        await eventually(async () => !(await processes()).includes('sleep 777'));
        expect((await driver.stats(handle)).rssBytes).toBeGreaterThan(0);
      });

      it('sees an engine that was killed and started again, and its tasks through that', async () => {
        const driver = lab.open();
        const task = lab.sleeper();
        const handle = await driver.start(task);
        const ended = driver.wait(handle, never);
        // By then the engine has answered with its headers: that the body never comes must be noticed.
        await sleep(systemClock, 200);
        await engine.kill();
        const away = await driver.fingerprint();
        expect(away).toMatchObject({ detected: false, description: expect.stringMatching(/no engine listens on/) });
        await expect(driver.start(lab.sleeper())).rejects.toThrow(/no engine listens on/);
        const stopped = driver.stop(handle, { signal: 'SIGTERM', timeoutMs: 20_000 });
        await engine.start();
        await stopped;
        expect(await ended).toMatchObject({ exitCode: 143, signal: 15 });
        expect(await driver.fingerprint()).toMatchObject({
          detected: true,
          attributes: { 'driver.docker': '1', 'driver.docker.bridge_ip': expect.stringMatching(/^\d+\./) },
        });
      });
    });
  },
);

/** Behind nsenter: the engine's. */
const NETWORK = (): string[] => ['-t', String(engine.pid), '-n'];

/** What listens on that port answers, seen from the engine's network. */
const ask = (port: number): string =>
  execFileSync('/usr/bin/nsenter', [...NETWORK(), '/bin/busybox', 'nc', '127.0.0.1', String(port)], {
    input: '',
    encoding: 'utf8',
    timeout: 20_000,
  });

const netstat = (): string =>
  execFileSync('/usr/bin/nsenter', [...NETWORK(), '/bin/busybox', 'netstat', '-ltn'], { encoding: 'utf8' });

/** An agent's part in a process of its own, which can be killed at any moment. */
function outputAgent(entry: string, parts: DockerAgentParts, command: string) {
  const child = spawn(process.execPath, [entry, command, JSON.stringify(parts)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
