/**
 * What Marathon's people do, with a whole agent, its /v2 and its marathon-lb port, and requests coming in all the while: the
 * requests of zdd.py as recorded (zdd.py itself is not to be had from the registries; what asks here is ours), `serin zdd`,
 * an app with canaries of its own, and the documents' steps as the scripts of `examples/marathon`.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/agent/testing/live-agent.ts';
import { buildProgram, type Program } from '../../src/agent/testing/program.ts';
import { hasHaproxy } from '../../src/ingress/haproxy/live-rig.ts';
import { startTraffic, type TrafficFigures, underTraffic } from '../traffic.ts';
import { hasWalkTools } from './examples.ts';
import { eventually, type MarathonRig, startMarathonRig } from './marathon-rig.ts';
import { type ZddApp, zddSequence } from './zdd-sequence.ts';

/** On each of its ports it says which app it is; where it is broken, with status 500. */
const SERVER =
  `const { PORT0, PORT1, MARATHON_APP_ID, BROKEN } = process.env; for (const port of [PORT0, PORT1]) if (port) ` +
  `require('node:http').createServer((_, r) => setTimeout(() => r.writeHead(BROKEN ? 500 : 200).end(MARATHON_APP_ID), 5)).listen(port, '127.0.0.1')`;
const CMD = `exec ${process.execPath} -e "${SERVER}"`;
const CHECK = { protocol: 'HTTP', path: '/', portIndex: 0, intervalSeconds: 1, timeoutSeconds: 5 };

const recorded = (colour: string): ZddApp & { readonly healthChecks: readonly object[] } =>
  JSON.parse(readFileSync(new URL(`../../testdata/marathon/zdd/create-${colour}.json`, import.meta.url), 'utf8'));

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program?.remove());

/** What is gone for the API may answer a moment longer, until the ingress has heard of it. */
const comesToSay = (port: number, body: string): Promise<unknown> =>
  eventually(`${port} says ${body}`, async () => (await (await fetch(`http://127.0.0.1:${port}/`)).text()) === body);

/** Each is a row of commands, and each command a program that starts. */
const PATIENCE_MS = 240_000;

describe.each([
  ['embedded', true],
  ['haproxy', hasHaproxy()],
])('with the %s data plane', (plane, isHere) => {
  let rig: MarathonRig;
  beforeAll(async () => {
    if (isHere) rig = await startMarathonRig(program, plane);
  });
  afterAll(() => rig?.close());

  /** A definition of two colours, with both of its ports open. */
  async function twoColours(name: string) {
    const [first, second, alt] = await Promise.all([freePort(), freePort(), freePort()]);
    const labels = {
      HAPROXY_GROUP: 'external',
      HAPROXY_1_MODE: 'http',
      HAPROXY_DEPLOYMENT_GROUP: name,
      HAPROXY_DEPLOYMENT_ALT_PORT: String(alt),
    };
    const app = { id: `/${name}`, cmd: CMD, cpus: 0.1, mem: 32, instances: 2, ports: [first, second], labels };
    return { app: { ...app, healthChecks: [CHECK] }, first, second };
  }

  const zdd = async (app: object, ...flags: string[]) => {
    const ran = await rig.serin('zdd', '-j', rig.file(app), '-f', '-s', '0.1', ...flags);
    return { ...ran, last: ran.stdout.trimEnd().split('\n').at(-1) };
  };

  const sizes = async (name: string) => {
    const own = (await rig.apps()).filter(({ id }) => id.startsWith(`/${name}-`));
    return Object.fromEntries(own.map(({ id, instances }) => [id, instances]));
  };

  const expectServed = (figures: TrafficFigures, bodies: readonly string[]): void => {
    expect(figures.failures).toEqual([]);
    expect(Object.keys(figures.byVersion).sort()).toEqual(bodies);
  };

  describe.skipIf(!isHere).concurrent('and no request fails:', () => {
    it(
      'zdd.py replaces blue by green',
      async () => {
        const [main, alt] = await Promise.all([freePort(), freePort()]);
        const { marathon, loadBalancer } = rig;
        /** As it was recorded, but for ports, the program, and a virtual host, which would need port 80. */
        const appOf = (colour: string): ZddApp => {
          const { HAPROXY_0_VHOST: _, ...labels } = recorded(colour).labels;
          return {
            ...recorded(colour),
            cmd: CMD,
            ports: [colour === 'blue' ? main : alt],
            healthChecks: recorded(colour).healthChecks.map((check) => ({ ...check, intervalSeconds: 1 })),
            labels: { ...labels, HAPROXY_0_PORT: String(main), HAPROXY_DEPLOYMENT_ALT_PORT: String(alt) },
          } as ZddApp;
        };
        const blue = await fetch(`${marathon}/v2/apps`, { method: 'POST', body: JSON.stringify(appOf('blue')) });
        expect(blue.status).toBe(201);
        await eventually('blue serves', async () => (await fetch(`http://127.0.0.1:${main}/`)).ok);
        let done: string[] = [];
        const figures = await underTraffic(main, async () => {
          const patienceMs = PATIENCE_MS / 2;
          done = await zddSequence({ marathon, loadBalancer, app: appOf('green'), stepMs: 100, patienceMs });
          await eventually('blue is gone', async () => (await fetch(`${marathon}/v2/apps/web-blue`)).status === 404);
        });
        expectServed(figures, ['/web-blue', '/web-green']);
        expect(done).toEqual(['POST /web-green', 'kill 1 of /web-blue', 'PUT /web-green 2', 'DELETE /web-blue']);
        await comesToSay(main, '/web-green');
      },
      PATIENCE_MS,
    );

    it(
      '`serin zdd`, killed in the middle and resumed, replaces an app of two ports',
      async () => {
        const { app, first, second } = await twoColours('killed');
        expect(await zdd(app)).toMatchObject({ code: 0, stderr: '' });
        const traffic = [first, second].map((port) => startTraffic(port, 4, 60));
        const said = await rig
          .killedAfter(/^Stopping 1 of \/killed-blue/m, 'marathon', 'zdd', '-j', rig.file(app), '-f', '-s', '0.1')
          .then(async (text) => {
            const resumed = await zdd(app, '-r');
            expect(resumed).toMatchObject({ code: 0, stderr: '' });
            expect(resumed.last).toBe('Done: /killed-green serves with 2 of 2 instances.');
            return text;
          })
          .finally(() => Promise.all(traffic.map((each) => each.stop())));
        expect(said).toContain('Adding /killed-green beside /killed-blue');
        expect(await sizes('killed')).toEqual({ '/killed-green': 2 });
        for (const each of traffic) expectServed(await each.stop(), ['/killed-blue', '/killed-green']);
      },
      PATIENCE_MS,
    );
  });

  describe.skipIf(!isHere || plane !== 'embedded').concurrent('and no request fails, whatever carries it:', () => {
    it(
      '`serin zdd` keeps both colours at the numbers that it is told, and completes them later',
      async () => {
        const { app, first } = await twoColours('both');
        await zdd(app);
        const figures = await underTraffic(first, async () => {
          const kept = await zdd(app, '-n', '1');
          expect(kept).toMatchObject({ code: 0, stderr: '' });
          expect(kept.last).toBe('Done: /both-green serves with 1 of 2 instances; /both-blue keeps 1.');
          expect(await sizes('both')).toEqual({ '/both-blue': 1, '/both-green': 1 });
          const answers = await Promise.all(
            Array.from({ length: 40 }, async () => (await fetch(`http://127.0.0.1:${first}/`)).text()),
          );
          expect([...new Set(answers)].sort()).toEqual(['/both-blue', '/both-green']);
          expect(await zdd(app, '-c')).toMatchObject({ code: 0, stderr: '' });
        });
        expect(await sizes('both')).toEqual({ '/both-green': 2 });
        expectServed(figures, ['/both-blue', '/both-green']);
      },
      PATIENCE_MS,
    );

    it(
      '`serin zdd` of a version that never becomes healthy ends with a sentence, and goes back',
      async () => {
        const { app, first } = await twoColours('sick');
        await zdd(app);
        const broken = { ...app, env: { BROKEN: 'yes' } };
        const figures = await underTraffic(first, async () => {
          const ran = await zdd(broken, '-w', '2');
          expect(ran.code).toBe(2);
          expect(ran.stderr).toContain(
            'Nothing got further for 2 s: 0 of 1 instances of /sick-green are healthy. Both colours stay as they are; ' +
              'go on with -resume, or back with -complete-prev.\n',
          );
          expect(await sizes('sick')).toEqual({ '/sick-blue': 2, '/sick-green': 1 });
          expect(await zdd(broken, '-p')).toMatchObject({ code: 0, stderr: '' });
        });
        expect(await sizes('sick')).toEqual({ '/sick-blue': 2 });
        expectServed(figures, ['/sick-blue']);
      },
      PATIENCE_MS,
    );

    it(
      'the same definition as one app with a canary, promoted',
      async () => {
        const { app, first } = await twoColours('one');
        const labels = { ...app.labels, SERIN_CANARY: '1', SERIN_CANARY_WEIGHT: '50' };
        const version = (name: string) => ({ ...app, labels, cmd: CMD.replace('MARATHON_APP_ID)', `'${name}')`) });
        await rig.serin('marathon', 'app', 'add', rig.file(version('v1')));
        await rig.settled('/one');
        const figures = await underTraffic(first, async () => {
          const put = await fetch(`${rig.marathon}/v2/apps/one`, {
            method: 'PUT',
            body: JSON.stringify(version('v2')),
          });
          expect(put.status).toBe(200);
          await eventually(
            'the canary serves',
            async () => (await (await fetch(`http://127.0.0.1:${first}`)).text()) === 'v2',
          );
          expect((await rig.apps()).find(({ id }) => id === '/one')?.deployments).toHaveLength(1);
          const [deployment] = await rig.agent.read<{ ID: string }[]>('job/one/deployments');
          await eventually(
            'it may be promoted',
            async () => (await rig.agent.serin('deployment', 'promote', '-detach', deployment!.ID)).code === 0,
          );
          await rig.settled('/one');
        });
        expectServed(figures, ['v1', 'v2']);
        await comesToSay(first, 'v2');
      },
      PATIENCE_MS,
    );

    it.skipIf(!hasWalkTools())(
      'the thirteen steps of the tutorial on blue/green, by hand',
      async () => {
        const listen = await freePort();
        rig.examples.edit('oinker-pool.json', (app) => ({ ...app, ports: [listen] }));
        rig.examples.edit('oinker.json', (app) => ({ ...app, instances: 2 }));
        expect(await rig.examples.run('oinker-setup.sh')).toMatchObject({ code: 0 });
        const figures = await underTraffic(listen, async () => {
          const walked = await rig.examples.run('oinker.sh');
          expect(walked).toMatchObject({ code: 0, stderr: '' });
          expect(walked.stdout.match(/^== \d+\./gm)?.join(' ')).toBe(
            `== 1. == 3. ${'== 4. == 5. == 6. == 7. == 8. == 9. == 10. == 11. == 12. '.repeat(2)}== 13.`,
          );
          await eventually('BLUE is gone', async () => !(await rig.apps()).some(({ id }) => id === '/oinker'));
        });
        expectServed(figures, ['/green-oinker', '/oinker']);
        await comesToSay(listen, '/green-oinker');
      },
      PATIENCE_MS,
    );
  });
});
