/** Marathon's API of a real agent: an app with curl's means, and a round with Marathon's own Python client. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort, LiveAgent } from './testing/live-agent.ts';
import { MarathonLbReader } from './testing/marathon-lb-reader.ts';
import { buildProgram, type Program } from './testing/program.ts';
import { PrometheusProcess, prometheusBinary } from './testing/prometheus-process.ts';
import { until } from './testing/until.ts';

const SERVER = "require('http').createServer((q,s)=>s.end(process.env.ANSWER)).listen(process.env.PORT0,'127.0.0.1')";
const CMD = `exec ${process.execPath} -e "${SERVER}"`;
const WEB = {
  id: '/demo/web',
  cmd: CMD,
  cpus: 0.1,
  mem: 32,
  instances: 2,
  env: { ANSWER: 'one' },
  healthChecks: [{ protocol: 'HTTP', gracePeriodSeconds: 5, intervalSeconds: 1, timeoutSeconds: 2 }],
};

let program: Program;
let agent: LiveAgent;
let url: string;

beforeAll(async () => {
  program = await buildProgram();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  agent = await LiveAgent.start(program, { flags: ['-marathon', '-marathon-port', String(port)] });
});

afterAll(async () => {
  await agent?.cleanUp();
  program?.remove();
});

// biome-ignore lint/suspicious/noExplicitAny: the test looks into whatever came.
async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; json: any }> {
  const reply = await fetch(url + path, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return { status: reply.status, json: await reply.json() };
}

const settled = () =>
  until('every deployment ends', async () => (await ask('GET', '/v2/deployments')).json.length === 0);

const answers = async (): Promise<string[]> => {
  const { tasks } = (await ask('GET', '/v2/apps/demo/web/tasks')).json;
  return Promise.all(
    tasks.map(async ({ host, ports }: { host: string; ports: number[] }) =>
      (await fetch(`http://${host}:${ports[0]}`)).text(),
    ),
  );
};

it('an app runs, is scaled, changed, killed and removed, and whoever listens is told', async () => {
  const told = await listen();
  expect((await ask('POST', '/v2/apps', WEB)).status).toBe(201);
  await settled();
  expect(await answers()).toEqual(['one', 'one']);
  await ask('PUT', '/v2/apps/demo/web', { instances: 3 });
  await settled();
  expect((await ask('GET', '/v2/apps/demo/web')).json.app).toMatchObject({ tasksRunning: 3, tasksHealthy: 3 });
  await ask('PUT', '/v2/apps/demo/web', { env: { ANSWER: 'two' } });
  await settled();
  expect(await answers()).toEqual(['two', 'two', 'two']);
  const [first] = (await ask('GET', '/v2/tasks')).json.tasks;
  await ask('POST', '/v2/tasks/delete?scale=true', { ids: [first.id] });
  await settled();
  expect(await answers()).toEqual(['two', 'two']);
  expect(await agent.succeed('status')).toContain('demo/web');
  await ask('DELETE', '/v2/apps/demo/web');
  await settled();
  expect((await ask('GET', '/v2/apps')).json).toEqual({ apps: [] });
  await until('the last event', () => told.text().includes('event: app_terminated_event\r\n'));
  expect(told.text()).toMatch(/^event: event_stream_attached\r\ndata: \{.*\}\r\n\r\n/);
  expect(told.text().match(/event: deployment_success/g)).toHaveLength(5);
  await told.stop();
});

async function listen() {
  const stop = new AbortController();
  const reply = await fetch(`${url}/v2/events`, { headers: { accept: 'text/event-stream' }, signal: stop.signal });
  expect(reply.headers.get('transfer-encoding')).toBe('chunked');
  let text = '';
  const reading = (async () => {
    for await (const chunk of reply.body!) text += Buffer.from(chunk).toString();
  })().catch(() => {});
  return {
    text: () => text,
    stop: () => {
      stop.abort();
      return reading;
    },
  };
}

const LATE =
  "require('http').createServer((q,s)=>{s.statusCode=q.url!=='/ready'||require('fs').existsSync(process.env.READY)?200:503;" +
  "s.end(process.env.ANSWER)}).listen(process.env.PORT0,'127.0.0.1')";

it('an instance that is healthy and not ready yet gets no request, and its deployment waits for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'serin-ready-'));
  const port = await freePort();
  const late = (ANSWER: string, READY: string) => ({
    ...WEB,
    id: '/demo/late',
    instances: 1,
    cmd: `exec ${process.execPath} -e "${LATE}"`,
    env: { ANSWER, READY },
    labels: { HAPROXY_GROUP: 'external' },
    portDefinitions: [{ port, name: 'http-api' }],
    readinessChecks: [{ name: 'warm', path: '/ready', portName: 'http-api', intervalSeconds: 2, timeoutSeconds: 1 }],
  });
  const answer = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
  const tasks = async () => (await ask('GET', '/v2/apps/demo/late/tasks')).json.tasks;
  const results = async () => (await ask('GET', '/v2/deployments')).json[0]?.currentActions[0]?.readinessCheckResults;
  try {
    expect(await ask('POST', '/v2/apps', late('one', folder))).toMatchObject({ status: 201 });
    await settled();
    expect(await answer()).toBe('one');
    await ask('PUT', '/v2/apps/demo/late', late('two', join(folder, 'ready')));
    await until('both are healthy', async () => {
      const healthy = (await tasks()).filter(
        ({ healthCheckResults = [] }: { healthCheckResults?: { alive: boolean }[] }) => healthCheckResults[0]?.alive,
      );
      return healthy.length === 2;
    });
    await until('the new one says that it is not ready', async () =>
      ((await results()) ?? []).some(({ ready }: { ready: boolean }) => !ready),
    );
    for (let number = 0; number < 20; number++) expect(await answer()).toBe('one');
    expect((await ask('GET', '/v2/deployments')).json).toHaveLength(1);
    writeFileSync(join(folder, 'ready'), '');
    await settled();
    expect(await answer()).toBe('two');
  } finally {
    await ask('DELETE', '/v2/apps/demo/late');
    await settled();
    rmSync(folder, { recursive: true });
  }
});

const CLIENT = '/usr/lib/python3/dist-packages/marathon/client.py';
const SCRIPT = fileURLToPath(new URL('../../testdata/marathon/round-trip.py', import.meta.url));

it.runIf(existsSync(CLIENT) || process.env.SERIN_LIVE === 'required')(
  "Marathon's Python client understands every answer",
  () => {
    const ran = spawnSync('/usr/bin/python3', [SCRIPT, url, CMD], { encoding: 'utf8', timeout: 60_000 });
    expect([ran.status, ran.stderr]).toEqual([0, expect.not.stringContaining('Traceback')]);
    expect(ran.stdout.trim().split('\n')).toEqual([
      'info marathon "pong"',
      'created /py/web True',
      "app /py/web 1 1 {'made': 'by python'} 1",
      'alive True',
      'scaled 2 2',
      'versions 2 1',
      'killed 1',
      expect.stringMatching(/^refused 422 /),
      "groups ['/py']",
      "group ['/py2/db'] 0",
      'gone []',
    ]);
  },
);

/** On each of its ports it says which task it is, and which port. */
const TELLER = `for (const at of [0, 1]) if (process.env['PORT' + at]) require('http')
  .createServer((q, s) => s.end(process.env.MESOS_TASK_ID + ' ' + at)).listen(process.env['PORT' + at], '127.0.0.1')`;
const teller = (id: string, fields: object) => ({
  id,
  cmd: `exec ${process.execPath} -e "${TELLER.replaceAll('\n', '')}"`,
  cpus: 0.1,
  mem: 32,
  ...fields,
});

const whatAnswers = async (address: string): Promise<string> => (await fetch(`http://${address}`)).text();

it.runIf(prometheusBinary() !== undefined || process.env.SERIN_LIVE === 'required')(
  'Prometheus finds each port of every task, and no other',
  async () => {
    const fixed = await freePort();
    const prometheus = await PrometheusProcess.start(
      `    marathon_sd_configs:\n      - servers: [${url}]\n        refresh_interval: 1s\n`,
    );
    try {
      const ports = [{ port: 0, name: 'http', labels: { metrics: 'yes' } }, { port: 0 }];
      const apps = [
        teller('/prom/two', { instances: 2, portDefinitions: ports, labels: { TEAM: 'birds' } }),
        teller('/prom/fixed', { portDefinitions: [{ port: fixed }], requirePorts: true }),
      ];
      await ask('PUT', '/v2/apps', apps);
      const found = await until('Prometheus knows five ports', async () => {
        const targets = await prometheus.targets();
        const answers = await Promise.all(targets.map(({ address }) => whatAnswers(address)));
        return targets.length === 5 && targets.map((target, at) => ({ ...target, answer: answers[at] }));
      });
      for (const { answer, labels } of found)
        expect(answer).toBe(`${labels.__meta_marathon_task} ${labels.__meta_marathon_port_index}`);
      const told = found.map(({ labels }) => [
        labels.__meta_marathon_app,
        labels.__meta_marathon_port_index,
        labels.__meta_marathon_app_label_TEAM,
        labels.__meta_marathon_port_definition_label_metrics,
      ]);
      expect(told.map(String).toSorted()).toEqual([
        '/prom/fixed,0,,',
        '/prom/two,0,birds,yes',
        '/prom/two,0,birds,yes',
        '/prom/two,1,birds,',
        '/prom/two,1,birds,',
      ]);
    } finally {
      await prometheus.stop();
      await ask('DELETE', '/v2/groups/prom?force=true');
    }
  },
);

it('marathon-lb, by its recorded requests, is woken by every change and finds each task that serves', async () => {
  const reader = new MarathonLbReader(url);
  await reader.listen();
  const ports = [await freePort(), await freePort()];
  const app = teller('/lb/web', {
    ports,
    labels: { HAPROXY_GROUP: 'external' },
    healthChecks: [{ protocol: 'HTTP', portIndex: 1, intervalSeconds: 1 }],
  });
  /** After an event, as it does. */
  const becomes = (count: number) =>
    until(`${count} servers behind each port`, async () => {
      if (reader.events.length === 0) return false;
      reader.events.length = 0;
      const backends = await reader.backends();
      const [first = {}, second = {}] = ports.map((port) => backends[`lb_web_${port}`]);
      return Object.keys(first).length === count && Object.keys(second).length === count && { first, second };
    });
  await ask('PUT', '/v2/apps/lb/web', { ...app, instances: 1 });
  await becomes(1);
  await settled();
  await ask('PUT', '/v2/apps/lb/web', { instances: 3 });
  const { first, second } = await becomes(3);
  const answers = await Promise.all(Object.values({ ...first, ...second }).map(whatAnswers));
  const tasks = (await ask('GET', '/v2/apps/lb/web/tasks')).json.tasks.map(({ id }: { id: string }) => id);
  expect(answers.toSorted()).toEqual(tasks.flatMap((id: string) => [`${id} 0`, `${id} 1`]).toSorted());
  for (const [name, address] of Object.entries(second)) expect(name).toBe(address.replaceAll(/[.:]/g, '_'));
  await settled();
  await ask('DELETE', '/v2/apps/lb/web');
  await becomes(0);
  await reader.stop();
});
