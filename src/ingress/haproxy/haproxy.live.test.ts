import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import type { Frontend } from '../../model/ingress.ts';
import {
  answerOf,
  Cleanup,
  freePort,
  hammer,
  httpInstance,
  type Instance,
  type RigOptions,
  rawClient,
  startRig,
  tableOf,
  until,
} from '../embedded/live-rig.ts';
import { makeCertificate } from '../embedded/testing-certificates.ts';
import { CertificateFolders } from './certificate-folders.ts';
import { haproxyFiles } from './files.ts';
import { HaproxyDataPlane, type HaproxyOptions } from './haproxy-data-plane.ts';
import { HaproxyProcess } from './haproxy-process.ts';
import { hasHaproxy, temporaryFolder } from './live-rig.ts';
import { luaScript } from './lua-script.ts';
import { renderConfig } from './render.ts';
import { exampleTable, GOLDENS, goldenInput, NOTHING } from './render-examples.ts';
import { ask } from './runtime-api.ts';
import { wantedOf } from './wanted.ts';
import { parseProcesses } from './worker-state.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function start(options: Partial<HaproxyOptions> = {}, rigOptions: RigOptions = {}) {
  const dir = options.dir ?? temporaryFolder(cleanup);
  const rig = await startRig(cleanup, {
    ...rigOptions,
    dataPlane: (given) => new HaproxyDataPlane({ ...given, dir, ...options }),
  });
  const files = haproxyFiles(dir);
  const master = (): number => (JSON.parse(readFileSync(files.process, 'utf8')) as { pid: number }).pid;
  const workers = async () => parseProcesses(await ask(files.masterSocket, 'show proc'));
  return { rig, dir, files, master, workers };
}

const says = (word: string) => (_: unknown, answer: ServerResponse) => void answer.end(word);

/** A second service on a port of its own: new proxies, so a reload. */
function withAnother(port: number, instance: Instance, frontends: readonly Frontend[]) {
  const [other] = tableOf(port, 'http', [instance]).Frontends;
  const Backend = { ...other!.Routes[0]!.Backend, ID: `default/other-${port}/web` };
  return { Frontends: [...frontends, { ...other!, Routes: [{ Host: '', Path: '/', Backend }] }] };
}

/** A clock that stands still from a moment on: whoever sleeps by it does nothing any more, like a process that is killed. */
function mortalClock(): { clock: Clock; kill: () => void } {
  let isDead = false;
  const after: Clock['after'] = (delayMs, fn) => systemClock.after(delayMs, () => (isDead ? undefined : fn()));
  return {
    clock: { nowMs: () => Date.now(), after },
    kill: () => {
      isDead = true;
    },
  };
}

describe.skipIf(!hasHaproxy())('HAProxy', () => {
  it.each(Object.keys(GOLDENS))('takes the golden configuration of %s', async (name) => {
    const dir = temporaryFolder(cleanup);
    const example = GOLDENS[name]!;
    const text = (file: string) => readFileSync(file, 'utf8');
    const [cert, key] = [makeCertificate(dir, 'any', ['DNS:any']), join(dir, 'any.key')];
    const certificates = new CertificateFolders(dir, {
      all: [{ file: cert, names: [], cert: text(cert), key: text(key) }],
      version: 1,
    });
    const input = { ...goldenInput(example, dir), certificates: certificates.folder };
    const files = haproxyFiles(dir);
    const haproxy = new HaproxyProcess({ binary: 'haproxy', files, clock: systemClock, log: silentLog });
    haproxy.writeMaps(wantedOf(exampleTable(example), NOTHING).maps);
    haproxy.writeScript(luaScript(files, input.maxHeld));
    await haproxy.check(renderConfig(input));
    expect(text(files.config)).toContain('global');
  });

  it('is adopted by the next ingress process, without a reload and without a request lost', async () => {
    const { clock, kill } = mortalClock();
    const dir = temporaryFolder(cleanup);
    const first = await startRig(cleanup, { dataPlane: (given) => new HaproxyDataPlane({ ...given, clock, dir }) });
    const [a, b] = [await httpInstance(cleanup, 'a', says('a')), await httpInstance(cleanup, 'b', says('b'))];
    await first.apply([a]);
    await until('it is ready', () => first.state(a) === 'ready');
    const before = await ask(haproxyFiles(dir).masterSocket, 'show proc');
    kill();
    await delay(150);
    const load = hammer({ url: first.url, workers: 4, pauseMs: 5 });
    const second = await start({ dir });
    const table = tableOf(first.port, 'http', [a]);
    await second.rig.applyTable(table);
    expect(second.rig.state(a)).toBe('ready');
    expect(parseProcesses(before).map(({ pid }) => pid)).toEqual((await second.workers()).map(({ pid }) => pid));
    await second.rig.applyTable(tableOf(first.port, 'http', [b], [a]));
    await until('the old one is drained', () => second.rig.state(a) === 'drained');
    const { failures, bodies } = await load();
    expect(failures).toEqual([]);
    expect([...bodies].sort()).toEqual(['a', 'b']);
  });

  it('that was told to end by somebody who did not see its end, a request being in flight, listens again', async () => {
    const { clock, kill } = mortalClock();
    const dir = temporaryFolder(cleanup);
    const first = await startRig(cleanup, { dataPlane: (given) => new HaproxyDataPlane({ ...given, clock, dir }) });
    const a = await httpInstance(cleanup, 'a', ({ url }, answer) => void (url === '/' && answer.end('a')));
    await first.apply([a]);
    await until('it is ready', () => first.state(a) === 'ready');
    const inFlight = fetch(`${first.url}never`).then(String, () => 'cut');
    const [worker] = parseProcesses(await ask(haproxyFiles(dir).masterSocket, 'show proc'));
    await until('it is in flight', () => first.inFlight(a) === 1);
    kill();
    process.kill(worker!.pid, 'SIGUSR1');
    while (!(await answerOf(first.url)).includes('ECONNREFUSED')) await delay(5);
    const second = await start({ dir });
    await second.rig.applyTable(tableOf(first.port, 'http', [a]));
    while ((await answerOf(first.url)) !== '200 a') await delay(5);
    expect(await inFlight).toBe('cut');
  });

  it.each(['master', 'worker'] as const)('whose %s is killed listens again, with the same table', async (which) => {
    const { rig, master, workers } = await start();
    const instance = await httpInstance(cleanup, 'a', says('a'));
    await rig.apply([instance]);
    await until('it is ready', () => rig.state(instance) === 'ready');
    const [worker] = await workers();
    process.kill(which === 'master' ? master() : worker!.pid, 'SIGKILL');
    const killedMs = performance.now();
    while ((await answerOf(rig.url)) !== '200 a') await delay(5);
    // Under half a second where nothing else runs.
    expect(performance.now() - killedMs).toBeLessThan(30_000);
  });

  it.each(['worker', 'every process'] as const)(
    'whose %s is frozen leads nothing to an instance whose drain has ended meanwhile',
    async (which) => {
      const { rig, master, workers } = await start();
      const asked: string[] = [];
      const [a, b] = await Promise.all(
        ['a', 'b'].map((id) => httpInstance(cleanup, id, (_, answer) => answer.end(asked.push(id) && id))),
      );
      await rig.apply([a!]);
      await until('it is ready', () => rig.state(a!) === 'ready');
      expect(await answerOf(rig.url)).toBe('200 a');
      const pids = [...(await workers()).map(({ pid }) => pid), ...(which === 'every process' ? [master()] : [])];
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      const waiting = answerOf(rig.url);
      await rig.apply([b!], [a!], { DrainDeadlineMs: 600 });
      await until(
        'the old one is drained, and the new one is ready',
        () => rig.state(a!) === 'drained' && rig.state(b!) === 'ready',
      );
      expect(await waiting).toBe('ECONNRESET');
      expect(await answerOf(rig.url)).toBe('200 b');
      expect(asked).toEqual(['a', 'b']);
    },
  );

  it('acknowledges no drain while a worker that a reload left still serves a request', async () => {
    const { rig, workers } = await start();
    const pending: ServerResponse[] = [];
    const slow = await httpInstance(cleanup, 'slow', (asked, answer) => {
      if (asked.url === '/slow') pending.push(answer);
      else answer.end('quick');
    });
    const other = await httpInstance(cleanup, 'other', says('other'));
    await rig.apply([slow]);
    await until('it is ready', () => rig.state(slow) === 'ready');
    const answer = answerOf(`${rig.url}slow`);
    await until('it is in flight', () => pending.length === 1);
    const { Frontends } = tableOf(rig.port, 'http', [slow]);
    await rig.applyTable(withAnother(await freePort(), other, Frontends));
    expect((await workers()).map(({ isOld }) => isOld)).toEqual([false, true]);
    await rig.applyTable(withAnother(await freePort(), other, tableOf(rig.port, 'http', [other], [slow]).Frontends));
    await delay(100);
    expect(rig.state(slow)).toBe('draining');
    expect(rig.inFlight(slow)).toBe(1);
    pending[0]!.end('late');
    expect(await answer).toBe('200 late');
    await until('it is drained', () => rig.state(slow) === 'drained');
  });

  it('is reloaded under load, over kept-alive and fresh connections, without a request lost', async () => {
    const { rig, workers } = await start();
    let old = await httpInstance(cleanup, 'i0', says('i0'));
    await rig.apply([old]);
    await until('it is ready', () => rig.state(old) === 'ready');
    const load = hammer({ url: rig.url, workers: 16, pauseMs: 2 });
    const pids = new Set<number>();
    for (let turn = 1; turn <= 5; turn++) {
      const fresh = await httpInstance(cleanup, `i${turn}`, says(`i${turn}`));
      const { Frontends } = tableOf(rig.port, 'http', [fresh], [old]);
      await rig.applyTable(withAnother(await freePort(), fresh, Frontends));
      for (const { pid } of await workers()) pids.add(pid);
      await until('it is drained', () => rig.state(old) === 'drained');
      old.server.closeAllConnections();
      old.server.close();
      old = fresh;
    }
    const { failures, requests } = await load();
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(100);
    expect(pids.size).toBeGreaterThanOrEqual(5);
  });

  it('sends a connection that stayed with a worker before the reload to the new instances as well, and its cookie', async () => {
    const { rig } = await start();
    const [a, b] = [await httpInstance(cleanup, 'a', says('a')), await httpInstance(cleanup, 'b', says('b'))];
    const sticky = { StickyCookie: 'at' };
    await rig.apply([a], [], sticky);
    await until('it is ready', () => rig.state(a) === 'ready');
    const client = await rawClient(cleanup, rig.port);
    const ask = async (cookie: string, answer: string) => {
      const from = client.text().length;
      client.socket.write(`GET / HTTP/1.1\r\nHost: h\r\n${cookie}\r\n`);
      await until('it is answered', () => client.text().slice(from).endsWith(answer));
      return (
        client
          .text()
          .slice(from)
          .match(/set-cookie: [^;]*/gi) ?? []
      );
    };
    const [first] = await ask('', 'a');
    const cookie = `${first!.slice(4)}\r\n`;
    expect(await ask(cookie, 'a')).toEqual([]);
    await rig.applyTable(withAnother(await freePort(), b, tableOf(rig.port, 'http', [b], [a], sticky).Frontends));
    await until('the new one is ready', () => rig.state(b) === 'ready');
    await until('the old one is drained', () => rig.state(a) === 'drained');
    a.server.close();
    const [second, ...more] = await ask(cookie, 'b');
    expect(second).not.toBe(first);
    expect(more).toEqual([]);
  });

  it('with a line that it does not know says so, and does not start; a good line is in its configuration', async () => {
    const instance = await httpInstance(cleanup, 'a', says('a'));
    const template = { global: [], defaults: ['nonsense here'], backend: [] };
    const bad = await start({ template });
    await Promise.race([bad.rig.apply([instance]), until('it complains', () => bad.rig.plane.problems().length > 0)]);
    expect(bad.rig.plane.problems()[0]!.Message).toMatch(/haproxy refuses its configuration: .*nonsense/);
    const good = await start({ template: { global: [], defaults: [], backend: ['http-response set-header X-By me'] } });
    await good.rig.apply([instance]);
    expect(readFileSync(good.files.config, 'utf8')).toContain('http-response set-header X-By me');
  });

  it('that is not there is named in words', async () => {
    const { rig } = await start({ binary: '/nowhere/haproxy' });
    void rig.apply([]).catch(() => {});
    await until('it complains', () => rig.plane.problems().length > 0);
    expect(rig.plane.problems()[0]!.Message).toMatch(/^cannot serve: cannot run "\/nowhere\/haproxy": /);
  });
});
