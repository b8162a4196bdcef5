/** `serin marathon` says what `dcos marathon` said, word for word, when it gets the answers that the latter got. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeAgent, type Routes, startFakeAgent } from './testing/fake-agent.ts';
import { type RunOptions, runWords } from './testing/run-words.ts';

const SAMPLES = new URL('../../testdata/marathon/dcos-cli/', import.meta.url);
const readSample = (name: string): string => readFileSync(new URL(name, SAMPLES), 'utf8');

interface Sample {
  readonly request: string;
  readonly status: number;
  readonly body: unknown;
}

const REQUESTS = JSON.parse(readSample('requests.json')) as Record<string, Sample>;

interface Said {
  readonly text: string;
  readonly status: number;
}

/** What each command printed, in the order in which it was called several times. */
const SAID = new Map<string, Said[]>();
for (const part of readSample('transcript.txt')
  .split(/^\$ dcos /m)
  .slice(1)) {
  const [, command = '', text = '', status = ''] = /^(.*)\n([\s\S]*)\[rc=(\d+)\]\n$/.exec(part) ?? [];
  SAID.set(command, [...(SAID.get(command) ?? []), { text, status: Number(status) }]);
}

let agent: FakeAgent | undefined;

afterEach(async () => {
  await agent?.close();
  agent = undefined;
});

const json = (body: unknown, status = 200) => ({ text: JSON.stringify(body), status });

async function run(words: readonly string[], routes: Routes, options: RunOptions = {}) {
  agent = await startFakeAgent(routes);
  const environment = { MARATHON_URL: agent.address, ...options.environment };
  return runWords(['marathon', ...words], { address: agent.address, ...options, environment });
}

const replay = (...numbers: readonly string[]): Routes =>
  Object.fromEntries(
    numbers.map((number) => {
      const { request, status, body } = REQUESTS[number]!;
      return [request.replace(/\?.*/, ''), json(body, status)];
    }),
  );

function withAppFile<T>(app: unknown, work: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'serin-marathon-'));
  const path = join(folder, 'app.json');
  writeFileSync(path, JSON.stringify(app));
  return work(path).finally(() => rmSync(folder, { recursive: true }));
}

const TASK = 'demo_web.b2b45fc6-e4fe-11f1-8b61-02fc00000001';

describe('says the same as dcos', () => {
  it.each<[command: string, time: number, samples: string[]]>([
    ['about', 0, ['001']],
    ['app list', 0, ['002', '003', '004']],
    ['app list', 1, ['010', '011', '012']],
    ['app list --json', 0, ['017']],
    ['task list', 0, ['005']],
    ['task list', 1, ['018']],
    ['task list /demo/web', 0, ['019', '013']],
    ['task list --json /demo/web', 0, ['020', '013']],
    ['deployment list', 0, ['003']],
    ['deployment list', 2, ['028']],
    ['deployment list', 3, ['046']],
    ['app show /demo/web', 0, ['021']],
    ['app version list /demo/web', 0, ['022']],
    ['app show --app-version=-1 /demo/web', 0, ['024', '023']],
    ['app update /demo/web instances=3', 0, ['024', '025']],
    ['app update --force /demo/web env={"A":"b"}', 0, ['029', '030']],
    ['app update /demo/web', 0, ['034', '035']],
    [`task show ${TASK}`, 0, ['037']],
    [`task stop ${TASK}`, 0, ['038']],
    ['app stop /demo/web', 0, ['041', '042']],
    ['app start /demo/web 2', 0, ['043']],
    ['app restart /demo/web', 0, ['044', '045']],
    ['group list', 0, ['047']],
    ['group show /demo', 0, ['048']],
    ['debug list', 0, ['049']],
    ['app show /nope', 0, ['053']],
    ['app remove /nope', 0, ['054']],
    ['app remove /demo/web', 0, ['055']],
  ])('%s (%i)', async (command, time, samples) => {
    const said = SAID.get(`marathon ${command}`)![time]!;
    const { out, err, status } = await run(command.split(' '), replay(...samples));
    expect({ text: out + err, status }).toEqual(said);
  });

  it('of an app that is added, and of one that is there', async () => {
    const app = { id: '/demo/web', cmd: 'serve' };
    const [added, again] = SAID.get('marathon app add cli-app.json')!;
    const first = await withAppFile(app, (path) => run(['app', 'add', path], replay('008')));
    expect({ text: first.out + first.err, status: first.status }).toEqual(added);
    expect(agent!.bodies.get('POST /v2/apps')).toEqual(app);
    await agent!.close();
    const exists = { 'POST /v2/apps': json({ message: 'An app with id [/demo/web] already exists.' }, 409) };
    const second = await run(['app', 'add'], exists, { input: JSON.stringify(app) });
    expect({ text: second.out + second.err, status: second.status }).toEqual(again);
  });

  it('of a kill, with JSON where dcos prints its own language', async () => {
    const killed = await run(['app', 'kill', '/demo/web'], replay('039'));
    expect(killed.out).toMatch(/^Killed tasks: \[\{"id":"demo_web\.b2b4e9a0/);
    await agent!.close();
    const scaled = await run(['app', 'kill', '--scale', '-host', '10.0.0.7', '/demo/web'], replay('040'));
    expect(scaled.out).toBe(
      'Started deployment: {"version":"2026-11-20T16:23:51.711Z","deploymentId":"a9069036-fd44-421a-9feb-76b328faa6fe"}\n',
    );
  });
});

describe('what a person gives', () => {
  const changed = { ...replay('024'), 'PUT /v2/apps/demo/web': json({ version: 'v', deploymentId: 'd' }) };

  it.each<[string[], string, object]>([
    [['instances=3', 'env={"A":"b"}', 'cmd=true'], '', { instances: 3, env: { A: 'b' }, cmd: 'true' }],
    [['cmd="a b"', 'user=null', 'labels={}'], '', { cmd: 'a b', user: null, labels: {} }],
    [[], '{"cpus": 0.5}', { cpus: 0.5 }],
    [[], '', {}],
  ])('of %j and %j becomes %j', async (properties, input, body) => {
    const ran = await run(['app', 'update', 'demo/web', ...properties], changed, { input });
    expect(ran).toEqual({ status: 0, out: 'Created deployment d\n', err: '' });
    expect(agent!.bodies.get('PUT /v2/apps/demo/web')).toEqual(body);
  });

  it.each<[string[], string, string]>([
    [
      ['app', 'update', '/demo/web', 'instances'],
      '',
      '"instances" is no property; write it as key=value, its value in JSON',
    ],
    [
      ['app', 'update', '/demo/web', 'env={A:b}'],
      '',
      `The value of env is not JSON: {A:b}. Quote it for the shell: 'env={"a": "b"}'`,
    ],
    [['app', 'add'], '[]', 'Error loading JSON from standard input: one object is wanted there.'],
    [['app', 'start', '/demo/web', 'x'], '', '"x" is no number of instances: it must be a whole number, 1 or more'],
    [['app', 'show', '--app-version=1', '/demo/web'], '', 'Relative versions must be negative: 1'],
    [
      ['app', 'version', 'list', '--max-count=x', '/w'],
      '',
      '-max-count "x" is no count: it must be a whole number, 0 or more',
    ],
    [['group', 'scale', '/demo', 'x'], '', '"x" is no scale factor: it must be a number such as 2 or 0.5'],
    [['task', 'show', 'x'], '', "Task 'x' does not exist"],
    [
      ['app', 'verison', 'list'],
      '',
      `There is no command "marathon app verison". Did you mean "marathon app version"? See 'serin marathon app -help'.`,
    ],
  ])('%j with %j is wrong', async (words, input, sentence) => {
    const ran = await run(words, { ...changed, ...replay('005') }, { input });
    expect(ran.out).toBe('');
    expect(ran.err).toBe(`${sentence}\n`);
    expect(ran.status).toBeGreaterThan(0);
  });

  it('of a change is looked at as well: what Marathon would drop of it is named', async () => {
    const ran = await run(['app', 'update', 'demo/web', 'instanses=3', 'instances=2'], changed);
    expect(ran).toEqual({
      status: 0,
      out: 'Created deployment d\n',
      err: 'Warning: ignored, since Marathon knows no such key: instanses\n',
    });
  });

  it('of an app is looked at: what Marathon would drop is named', async () => {
    const app = {
      id: '/demo/web',
      instanses: 3,
      labels: { HAPROXY_0_AUTH: 'a:b:c' },
      container: { type: 'DOCKER', docker: { image: 'web', healthChecks: [{ protocol: 'HTTP' }] } },
    };
    const ran = await run(['app', 'add'], replay('008'), { input: JSON.stringify(app) });
    expect(ran.status).toBe(0);
    expect(ran.err.split('\n')).toEqual([
      "Warning: healthChecks stands in container.docker, where Marathon drops it: taken as the app's own",
      'Warning: ignored, since Marathon knows no such key: instanses',
      expect.stringMatching(/^Warning: the label HAPROXY_0_AUTH needs HAPROXY_0_VHOST/),
      '',
    ]);
  });
});

describe('a refusal', () => {
  it.each<[string, number, string, string]>([
    [
      'names every problem in one sentence',
      422,
      '{"message":"Object is not valid","details":[{"path":"/cpus","errors":["too few"]},{"path":"/mem","errors":["a","b"]}]}',
      'Error: Object is not valid: /cpus: too few; /mem: a, b',
    ],
    ['of a parser is passed on', 400, '{"message":"Invalid JSON","details":"at 1"}', 'Error: Invalid JSON: at 1'],
    ['without a message is somebody else’s', 502, '<html>', 'answers with status 502 and not as Marathon does'],
  ])('%s', async (_, status, text, sentence) => {
    const ran = await run(['app', 'list'], { 'GET /v2/apps': { status, text } });
    expect(ran).toMatchObject({ status: 1, out: '' });
    expect(ran.err).toContain(sentence);
  });

  it('of nobody says where to look', async () => {
    const ran = await runWords(['marathon', 'ping', '--marathon-url=127.0.0.1:1']);
    expect(ran.err).toBe(
      'no agent answers at http://127.0.0.1:1 (connection refused). ' +
        'Is Marathon on there (`serin agent -dev -marathon`)? Set -marathon-url or MARATHON_URL.\n',
    );
  });

  it('of an answer that is no JSON says so', async () => {
    const ran = await run(['about'], { 'GET /v2/info': { text: 'hello' } });
    expect(ran.err).toContain("does not speak Marathon's language");
  });
});

describe('groups and deployments', () => {
  const change = json({ version: 'v', deploymentId: 'd' });

  it('are changed with the bodies that /v2 wants', async () => {
    const routes = { 'GET /v2/groups/shop': json({}), 'PUT /v2/groups/shop': change, 'POST /v2/groups': change };
    await run(['group', 'scale', '--force', '/shop', '1.5'], routes);
    expect(agent!.bodies.get('PUT /v2/groups/shop')).toEqual({ scaleBy: 1.5 });
    await agent!.close();
    await run(['group', 'update', '/shop', 'dependencies=["/db"]'], routes);
    expect(agent!.bodies.get('PUT /v2/groups/shop')).toEqual({ dependencies: ['/db'] });
    await agent!.close();
    const added = await run(['group', 'add'], routes, { input: '{"id":"/shop"}' });
    expect(added.out).toBe('Created deployment d\n');
  });

  it('list those within others', async () => {
    const group = (id: string, apps: number, ...groups: object[]) => ({
      id,
      apps: Array.from({ length: apps }, () => ({})),
      groups,
    });
    const root = group('/', 1, group('/shop', 1, group('/shop/eu', 2)), group('/db', 1));
    const ran = await run(['group', 'list'], { 'GET /v2/groups': json(root) });
    expect(ran.out).toBe('ID        APPS  \n/db       1     \n/shop     3     \n/shop/eu  2     \n');
  });

  it('are led back, and stopped in silence', async () => {
    const routes = { 'DELETE /v2/deployments/d': change };
    const back = await run(['deployment', 'rollback', 'd'], routes);
    expect(JSON.parse(back.out)).toEqual({ version: 'v', deploymentId: 'd' });
    await agent!.close();
    const stopped = await run(['deployment', 'stop', 'd'], { 'DELETE /v2/deployments/d': { status: 202, text: '' } });
    expect(stopped).toEqual({ status: 0, out: '', err: '' });
  });
});

it('what an app that waits does not find is told in the order in which it is looked for', async () => {
  const reason = (name: string, declined: number, processed: number) => ({ reason: name, declined, processed });
  const item = {
    app: { id: '/demo/web', cpus: 8, mem: 32, ports: [10000] },
    count: 1,
    delay: { timeLeftSeconds: 0, overdue: true },
    processedOffersSummary: {
      rejectSummaryLastOffers: [reason('UnfulfilledRole', 0, 3), reason('InsufficientCpus', 2, 3)],
    },
  };
  const routes = { ...replay('041'), 'GET /v2/queue': json({ queue: [item] }) };
  const ran = await run(['debug', 'summary', '/demo/web'], routes);
  expect(ran.out.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['RESOURCE', 'REQUESTED', 'MATCHED', 'PERCENTAGE'],
    ['ROLE', '---', '3 / 3', '100.00%'],
    ['CONSTRAINTS', '---', '0 / 0', '---'],
    ['CPUS', '8', '1 / 3', '33.33%'],
    ['MEM', '32', '0 / 0', '---'],
    ['DISK', '---', '0 / 0', '---'],
    ['PORTS', '[10000]', '0 / 0', '---'],
    [''],
  ]);
});

describe('watching a deployment', () => {
  const [deployment] = REQUESTS['028']!.body as [{ id: string }];
  const { id } = deployment;
  const words = ['deployment', 'watch', '--interval=0', id];

  function inTurn(...bodies: unknown[]) {
    let at = 0;
    return () => json(bodies[Math.min(at++, bodies.length - 1)]);
  }

  it('says how far it is and why it does not end, until it is over', async () => {
    const routes: Routes = {
      ...replay('041'),
      'GET /v2/deployments': inTurn([deployment], [deployment], []),
      'GET /v1/job/demo%2Fweb/deployment': json({
        ID: '9e0b62bd-0000-0000-0000-000000000000',
        Status: 'running',
        TaskGroups: {},
        Blocker: { Reason: 'health', Message: 'the check "web" of 1 instance fails' },
        Explanation: { Groups: [] },
      }),
    };
    const ran = await run(words, routes, { nowMs: 0 });
    expect(ran.out).toBe(
      `1970-01-01T00:00:00Z
Deployment ${id}: step 1 of 1
  /demo/web  scale    0/4 running, 0/4 healthy

Serin's deployment 9e0b62bd of /demo/web
Waiting for
the check "web" of 1 instance fails

Deployment ${id} is over.
`,
    );
    expect(ran.status).toBe(0);
  });

  it('of which nobody knows ends at once, since it may have been quicker', async () => {
    const ran = await run(words, { 'GET /v2/deployments': json([]) });
    expect(ran).toEqual({ status: 0, out: `Deployment ${id} is over, or never was.\n`, err: '' });
  });

  it('ends after so many looks', async () => {
    const routes = { ...replay('041'), 'GET /v2/deployments': json([deployment]) };
    const ran = await run([...words.slice(0, 2), '--max-count=2', '--interval', '0', '-json', id], routes);
    expect(ran.status).toBe(0);
    expect(agent!.requests.filter((request) => request === 'GET /v2/deployments')).toHaveLength(2);
  });
});
