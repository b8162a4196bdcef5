/** `serin zdd` against a small Marathon that does at once what it is told. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeAgent, type Routes, startFakeAgent } from '../testing/fake-agent.ts';
import { runWords } from '../testing/run-words.ts';
import { drainedOf, parseStats } from './drained.ts';

interface App {
  id: string;
  instances: number;
  labels: Record<string, string>;
  ports: number[];
  tasks: { id: string; host: string; ports: number[] }[];
}

const WEB = {
  id: '/web',
  cmd: 'serve',
  instances: 4,
  ports: [10000],
  labels: { HAPROXY_GROUP: 'external', HAPROXY_DEPLOYMENT_GROUP: 'web', HAPROXY_DEPLOYMENT_ALT_PORT: '10001' },
  healthChecks: [{ protocol: 'HTTP' }],
};

let agent: FakeAgent;
let apps: Map<string, App>;
let isHealthy: (app: App) => boolean;
let total: number[];
let folder: string;
let stats: string;

beforeEach(async () => {
  apps = new Map();
  isHealthy = () => true;
  total = [];
  stats = '';
  folder = mkdtempSync(join(tmpdir(), 'serin-zdd-'));
  writeFileSync(join(folder, 'web.json'), JSON.stringify(WEB));
  agent = await startFakeAgent(routes());
});

afterEach(async () => {
  await agent.close();
  rmSync(folder, { recursive: true });
});

const json = (body: unknown, status = 200) => ({ text: JSON.stringify(body), status });
const changed = json({ version: 'v', deploymentId: 'd' });
const body = <T>(name: string) => agent.bodies.get(name) as T;

function routes(): Routes {
  return {
    'GET /v2/apps': () => json({ apps: [...apps.values()].map(viewOf) }),
    'POST /v2/apps': () => json(viewOf(put(body<App>('POST /v2/apps'))), 201),
    'POST /v2/tasks/delete': (url) => {
      expect(url.search).toBe('?scale=true');
      for (const id of body<{ ids: string[] }>('POST /v2/tasks/delete').ids) kill(id);
      return changed;
    },
    'GET /haproxy': () => ({ text: stats }),
    ...Object.assign({}, ...['/web-blue', '/web-green'].map(routesOfApp)),
  };
}

const routesOfApp = (id: string): Routes => ({
  [`GET /v2/apps${id}`]: () => (apps.has(id) ? json({ app: viewOf(apps.get(id)!) }) : json({ message: 'none' }, 404)),
  [`PUT /v2/apps${id}`]: () => {
    put({ ...apps.get(id)!, ...body<object>(`PUT /v2/apps${id}`) });
    return changed;
  },
  [`DELETE /v2/apps${id}`]: () => {
    apps.delete(id);
    count();
    return changed;
  },
});

let nextPort = 31000;

function put(app: App): App {
  const tasks = [...(app.tasks ?? [])];
  while (tasks.length < app.instances)
    tasks.push({ id: `${app.id.slice(1)}.${nextPort}`, host: '127.0.0.1', ports: [nextPort++] });
  const placed = { ...app, tasks };
  apps.set(app.id, placed);
  count();
  return placed;
}

function kill(taskId: string): void {
  for (const app of apps.values()) {
    if (!app.tasks.some(({ id }) => id === taskId)) continue;
    apps.set(app.id, { ...app, instances: app.instances - 1, tasks: app.tasks.filter(({ id }) => id !== taskId) });
  }
  count();
}

const count = () => total.push([...apps.values()].reduce((sum, { instances }) => sum + instances, 0));

const viewOf = (app: App) => ({
  healthChecks: [{}],
  ...app,
  deployments: [],
  tasksRunning: app.instances,
  tasksHealthy: isHealthy(app) ? app.instances : 0,
});

const zdd = (...flags: string[]) =>
  runWords(['zdd', '-j', join(folder, 'web.json'), '-m', agent.address, '-s', '0', ...flags], {
    address: agent.address,
  });

const sizes = () => Object.fromEntries([...apps.values()].map(({ id, instances }) => [id, instances]));

describe('a deployment', () => {
  it('is at first one colour alone', async () => {
    const ran = await zdd('-f');
    expect(ran).toMatchObject({ status: 0, err: '' });
    expect(ran.out).toMatch(
      /^Adding \/web-blue\n.* {2}\/web-blue 4\/4\nDone: \/web-blue serves with 4 of 4 instances\.\n$/,
    );
    expect(sizes()).toEqual({ '/web-blue': 4 });
  });

  it('replaces it instance by instance, and never has too few', async () => {
    await zdd('-f');
    total = [];
    const ran = await zdd('--force');
    expect(ran).toMatchObject({ status: 0, err: '' });
    expect(sizes()).toEqual({ '/web-green': 4 });
    expect(Math.min(...total)).toBe(4);
    expect(ran.out.split('\n').map((line) => line.replace(/^\S+Z {2}/, '').replace(/:.*/, ''))).toEqual([
      'Adding /web-green beside /web-blue',
      '/web-green 1/1   /web-blue 4/4',
      'Stopping 1 of /web-blue',
      '/web-green 1/1   /web-blue 3/3',
      'Scaling /web-green to 2',
      '/web-green 2/2   /web-blue 3/3',
      'Stopping 1 of /web-blue',
      '/web-green 2/2   /web-blue 2/2',
      'Scaling /web-green to 4',
      '/web-green 4/4   /web-blue 2/2',
      'Stopping 2 of /web-blue',
      '/web-green 4/4   /web-blue 0/0',
      'Removing /web-blue',
      'Done',
      '',
    ]);
  });

  it('keeps both colours where that is wanted, and is completed later, or led back', async () => {
    await zdd('-f');
    expect(await zdd('-f', '-n', '1')).toMatchObject({ status: 0, err: '' });
    expect(sizes()).toEqual({ '/web-blue': 3, '/web-green': 1 });
    const again = await zdd('-f');
    expect(again.status).toBe(2);
    expect(again.err).toContain('Existing deployment in progress: /web-green and /web-blue are there.');
    expect(await zdd('-f', '-complete-prev')).toMatchObject({ status: 0, err: '' });
    expect(sizes()).toEqual({ '/web-blue': 4 });
    await zdd('-f', '-n', '3');
    expect(sizes()).toEqual({ '/web-blue': 1, '/web-green': 3 });
    expect(await zdd('-f', '-c')).toMatchObject({ status: 0, err: '' });
    expect(sizes()).toEqual({ '/web-green': 4 });
  });

  it('that never becomes healthy ends with a sentence and loses nothing; resumed, it is finished', async () => {
    await zdd('-f');
    isHealthy = ({ id }) => id === '/web-blue';
    const ran = await zdd('-f', '-w', '0.05');
    expect(ran.status).toBe(2);
    expect(ran.err).toBe(
      'Nothing got further for 0.05 s: 0 of 1 instances of /web-green are healthy. Both colours stay as they are; ' +
        'go on with -resume, or back with -complete-prev.\n',
    );
    expect(sizes()).toEqual({ '/web-blue': 4, '/web-green': 1 });
    isHealthy = () => true;
    expect(await zdd('-f', '-r')).toMatchObject({ status: 0, err: '' });
    expect(sizes()).toEqual({ '/web-green': 4 });
  });

  it('goes on while nobody leads for a moment', async () => {
    await zdd('-f');
    const refused = new Map<string, number>();
    const shaky = routes();
    const healed: Routes = Object.fromEntries(
      Object.entries(shaky).map(([name, route]) => [
        name,
        (url: URL) => {
          const times = (refused.get(name) ?? 0) + 1;
          refused.set(name, times);
          const refuses = /blue|green|delete/.test(name) && times % 3 === 1;
          return refuses ? json({ message: 'no leader' }, 503) : typeof route === 'function' ? route(url) : route;
        },
      ]),
    );
    await agent.close();
    agent = await startFakeAgent(healed);
    expect(await zdd('-f')).toMatchObject({ status: 0, err: '' });
    expect(sizes()).toEqual({ '/web-green': 4 });
  });

  it('whose first colour was interrupted is waited for, not replaced', async () => {
    isHealthy = () => false;
    expect(await zdd('-f', '-w', '0.05')).toMatchObject({ status: 2 });
    const { length } = agent.requests;
    isHealthy = () => agent.requests.length > length + 5;
    expect(await zdd('-f', '-r', '-w', '5')).toMatchObject({ status: 0, err: '' });
    expect(sizes()).toEqual({ '/web-blue': 4 });
  });

  it('asks before, and does nothing where nobody answers', async () => {
    const ran = await zdd();
    expect(ran).toMatchObject({ status: 3, err: 'Nobody is there to say yes: give -force.\n' });
    expect(sizes()).toEqual({});
  });

  it('is told beforehand with -dry-run', async () => {
    await zdd('-f');
    const ran = await zdd('-d', '--linear-increase', '-i', '2');
    expect(ran.out).toContain('"id": "/web-green"');
    expect(ran.out.slice(ran.out.indexOf('Stop'))).toBe(
      'Stop 2 of /web-blue: 2 left\nScale /web-green to 4\nStop 2 of /web-blue: 0 left\nRemove /web-blue\n',
    );
    expect(sizes()).toEqual({ '/web-blue': 4 });
  });

  it('calls a hook before it stops instances, and stops none when that fails', async () => {
    await zdd('-f');
    const hook = join(folder, 'hook');
    writeFileSync(hook, `#!/bin/sh\nprintf '%s\\n' "$2" >>${folder}/calls\nexit "$(cat ${folder}/status)"\n`);
    chmodSync(hook, 0o700);
    writeFileSync(join(folder, 'status'), '1');
    const refused = await zdd('-f', '--pre-kill-hook', hook);
    expect(refused.status).toBe(9);
    expect(refused.err).toContain('nothing was stopped');
    expect(sizes()).toEqual({ '/web-blue': 4, '/web-green': 1 });
    writeFileSync(join(folder, 'status'), '0');
    expect(await zdd('-f', '-r', '-pre-kill-hook', hook)).toMatchObject({ status: 0, err: '' });
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toMatch(/^\["web-blue\.\d+"\]\n/);
  });
});

describe('the statistics of a load balancer', () => {
  const HEAD = '# pxname,svname,qcur,scur,status,\n';
  const rowOf = (server: string, cells: string, proxy = 'web_10000') => `${proxy},${server},${cells},\n`;

  it('say which instances may be stopped', async () => {
    await zdd('-f');
    stats = HEAD;
    const waits = await zdd('-f', '-w', '0.05', '-l', agent.address);
    expect(waits).toMatchObject({ status: 2 });
    expect(waits.err).toContain('/web-blue was not drained');
    expect(sizes()).toEqual({ '/web-blue': 4, '/web-green': 1 });
    const [, second] = apps.get('/web-blue')!.tasks;
    stats = HEAD + rowOf(`127_0_0_1_${second!.ports[0]}`, '0,0,MAINT');
    await zdd('-f', '-r', '-w', '0.05', '-l', agent.address);
    expect(apps.get('/web-blue')!.tasks.map(({ id }) => id)).not.toContain(second!.id);
    expect(sizes()).toMatchObject({ '/web-blue': 3 });
  });

  it('are none where nobody answers', async () => {
    await zdd('-f');
    const ran = await zdd('-f', '-l', 'http://127.0.0.1:1');
    expect(ran.status).toBe(5);
    expect(ran.err).toContain('No statistics of marathon-lb at http://127.0.0.1:1');
  });

  it('are read by host and port, whichever of its ports', () => {
    const task = { id: 't', appId: '/a', host: 'n1.x', ports: [1, 2], ipAddresses: [{ ipAddress: '10.0.0.1' }] };
    const drained = (...rows: string[]) => drainedOf([task], parseStats(HEAD + rows.join('')), 'web').length;
    expect(drained(rowOf('n1_x_10_0_0_1_2', '0,0,MAINT', 'web_10001'))).toBe(1);
    expect(drained(rowOf('n1_x_2', '0,0,MAINT'), rowOf('n1_x_1', '0,1,MAINT'))).toBe(0);
    expect(drained(rowOf('n1_x_2', '0,0,UP'))).toBe(0);
    expect(drained(rowOf('n1_x_2', '0,0,MAINT', 'web-two_10000'))).toBe(0);
    expect(drained()).toBe(0);
  });
});

it.each<[string[], number, string]>([
  [['-n', '4', '-f'], 3, "-new-instances 4 must be less than the app's 4 instances"],
  [
    ['-r', '-c', '-f'],
    3,
    '-resume, -complete-cur and -complete-prev exclude each other; resume, complete-cur were given',
  ],
  [['-i', '0'], 3, '-initial-instances "0" is no number of instances: it must be a whole number, 1 or more'],
  [['-w', 'x'], 3, '-max-wait "x" is no number of seconds, such as 5 or 0.5'],
  [['-c', '-f'], 2, 'There is nothing to complete: no app is there alone.'],
  [['-m', 'http://127.0.0.1:1'], 6, 'no agent answers at http://127.0.0.1:1 (connection refused).'],
])('%j ends with %i', async (flags, status, sentence) => {
  const ran = await zdd(...flags);
  expect(ran.status).toBe(status);
  expect(ran.err).toContain(sentence);
});

it('an app that has no colours is refused with what is missing', async () => {
  writeFileSync(join(folder, 'web.json'), '{"id":"/web","cmd":"serve"}');
  const ran = await zdd('-f');
  expect(ran.status).toBe(4);
  expect(ran.err).toContain('the label HAPROXY_DEPLOYMENT_GROUP');
});
