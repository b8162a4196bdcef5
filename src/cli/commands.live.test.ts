/** Commands from their words to output and exit status, against a small agent. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMPTY_METRIC } from '../model/allocation.ts';
import { type Answer, type FakeAgent, golden, type Routes, routesOf, startFakeAgent } from './testing/fake-agent.ts';
import { type RunOptions, runWords } from './testing/run-words.ts';

const NOW = Date.parse('2026-11-20T16:15:52Z');
const EVAL = '38569671-0000-0000-0000-000000000000';
const DEPLOYMENT = '9e0b62bd-0000-0000-0000-000000000000';
const NODE = '54fc21e4-0000-0000-0000-000000000000';

const JOB = `job "web" {
  datacenters = ["dc1"]
  group "app" {
    task "server" {
      driver = "raw_exec"
      config {
        command = "node"
      }
    }
  }
}
`;

let folder: string;
let jobFile: string;
let agent: FakeAgent | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'serin-cli-'));
  jobFile = join(folder, 'web.nomad.hcl');
  writeFileSync(jobFile, JOB);
});

afterEach(async () => {
  await agent?.close();
  agent = undefined;
  rmSync(folder, { recursive: true });
});

async function run(words: readonly string[], routes: Routes, options: RunOptions = {}) {
  agent = await startFakeAgent(routes);
  return runWords(words, { address: agent.address, nowMs: NOW, ...options });
}

const json = (value: unknown, index = 1) => ({ text: JSON.stringify(value), index });
const registered = json({ EvalID: EVAL, JobModifyIndex: 10, Warnings: '' });

const evaluation = (over: object = {}) => ({
  ID: EVAL,
  JobID: 'web',
  TriggeredBy: 'job-register',
  Type: 'service',
  Priority: 50,
  Status: 'complete',
  DeploymentID: DEPLOYMENT,
  CreateIndex: 10,
  CreateTime: 0,
  ModifyTime: 0,
  ...over,
});

const deployment = (over: object = {}, healthy = 2) => ({
  ID: DEPLOYMENT,
  JobID: 'web',
  JobVersion: 1,
  Status: 'running',
  StatusDescription: 'Deployment is running',
  TaskGroups: {
    app: {
      AutoRevert: false,
      ProgressDeadline: 1,
      RequireProgressBy: '2026-11-20T16:25:50Z',
      DesiredCanaries: 0,
      DesiredTotal: 2,
      PlacedAllocs: 2,
      HealthyAllocs: healthy,
      UnhealthyAllocs: 0,
    },
  },
  ...over,
});

const alloc = (ClientStatus: string, CreateIndex = 11) => ({
  ID: 'aaaaaaaa-0000-0000-0000-000000000000',
  NodeID: NODE,
  TaskGroup: 'app',
  ClientStatus,
  ClientDescription: 'Tasks are running',
  CreateIndex,
});

/** Answers the first request with the first answer, and so on; the last one again and again. */
function inTurn(...answers: Answer[]) {
  let at = 0;
  return () => answers[Math.min(at++, answers.length - 1)]!;
}

describe('run', () => {
  it('submits and returns at once with -detach', async () => {
    const ran = await run(['run', '-detach', jobFile], { 'PUT /v1/jobs': registered });
    expect(ran).toEqual({ status: 0, out: `Job registration successful\nEvaluation ID: ${EVAL}\n`, err: '' });
    expect(agent!.bodies.get('PUT /v1/jobs')).toMatchObject({ Job: { ID: 'web' } });
    expect(agent!.bodies.get('PUT /v1/jobs')).not.toHaveProperty('EnforceIndex');
  });

  it('reads the job from standard input', async () => {
    const ran = await run(['run', '-detach', '-'], { 'PUT /v1/jobs': registered }, { input: JOB });
    expect(ran.status).toBe(0);
  });

  it('watches the evaluation, then the deployment, and prints each change once', async () => {
    const routes: Routes = {
      'PUT /v1/jobs': registered,
      [`GET /v1/evaluation/${EVAL}`]: inTurn(
        json(evaluation({ Status: 'pending', DeploymentID: '' }), 11),
        json(evaluation(), 12),
      ),
      [`GET /v1/evaluation/${EVAL}/allocations`]: inTurn(json([alloc('pending')]), json([alloc('running')])),
      [`GET /v1/deployment/${DEPLOYMENT}`]: inTurn(
        json(deployment({}, 0), 12),
        json(deployment({}, 0), 13),
        json(deployment({}, 2), 14),
        json(deployment({ Status: 'successful', StatusDescription: 'Deployment completed successfully' }), 15),
      ),
    };
    const ran = await run(['job', 'run', jobFile], routes);
    const block = (healthy: number, status: string, description: string) => `    
2026-11-20T16:15:52Z
ID          = 9e0b62bd
Job ID      = web
Job Version = 1
Status      = ${status}
Description = ${description}

Deployed
Task Group  Desired  Placed  Healthy  Unhealthy  Progress Deadline
app         2        2       ${healthy}        0          2026-11-20T16:25:50Z
`;
    expect(ran.out).toBe(
      `==> 2026-11-20T16:15:52Z: Monitoring evaluation "38569671"
    2026-11-20T16:15:52Z: Evaluation triggered by job "web"
    2026-11-20T16:15:52Z: Allocation "aaaaaaaa" created: node "54fc21e4", group "app"
==> 2026-11-20T16:15:52Z: Monitoring evaluation "38569671"
    2026-11-20T16:15:52Z: Evaluation within deployment: "9e0b62bd"
    2026-11-20T16:15:52Z: Allocation "aaaaaaaa" status changed: "pending" -> "running" (Tasks are running)
    2026-11-20T16:15:52Z: Evaluation status changed: "pending" -> "complete"
==> 2026-11-20T16:15:52Z: Evaluation "38569671" finished with status "complete"
==> 2026-11-20T16:15:52Z: Monitoring deployment "9e0b62bd"
` +
        block(0, 'running', 'Deployment is running') +
        block(2, 'running', 'Deployment is running') +
        block(2, 'successful', 'Deployment completed successfully'),
    );
    expect(ran.status).toBe(0);
  });

  it('leaves with 1 when the deployment fails', async () => {
    const ran = await run(['run', jobFile], {
      'PUT /v1/jobs': registered,
      [`GET /v1/evaluation/${EVAL}`]: json(evaluation()),
      [`GET /v1/evaluation/${EVAL}/allocations`]: json([]),
      [`GET /v1/deployment/${DEPLOYMENT}`]: json(deployment({ Status: 'failed' })),
    });
    expect(ran.status).toBe(1);
  });

  it('names the instance that did not become healthy, and what to look at', async () => {
    const ran = await run(['run', jobFile], {
      'PUT /v1/jobs': registered,
      [`GET /v1/evaluation/${EVAL}`]: json(evaluation()),
      [`GET /v1/evaluation/${EVAL}/allocations`]: json([]),
      [`GET /v1/deployment/${DEPLOYMENT}`]: json(deployment({ Status: 'failed' })),
      [`GET /v1/deployment/allocations/${DEPLOYMENT}`]: json([
        { ...alloc('running'), ID: 'cccccccc-0000-0000-0000-000000000000', DeploymentStatus: { Healthy: true } },
        { ...alloc('running'), DeploymentStatus: { Healthy: false } },
      ]),
    });
    expect(ran.out).toContain(`
Allocation "aaaaaaaa" did not become healthy. To see why:
  serin alloc status aaaaaaaa
  serin alloc logs -stderr aaaaaaaa
`);
  });

  it('shows anew what a deployment waits for, though the deployment itself did not change', async () => {
    const Command = 'serin alloc status aaaaaaaa';
    const waiting = (Message: string) => json(deployment({ Blocker: { Reason: 'health', Message, Command } }), 12);
    const ran = await run(['run', jobFile], {
      'PUT /v1/jobs': registered,
      [`GET /v1/evaluation/${EVAL}`]: json(evaluation()),
      [`GET /v1/evaluation/${EVAL}/allocations`]: json([]),
      [`GET /v1/deployment/${DEPLOYMENT}`]: inTurn(
        waiting('the next batch starts 9.5s from now'),
        waiting('the next batch starts 7.5s from now'),
        waiting('a check fails'),
        json(deployment({ Status: 'successful' }), 13),
      ),
    });
    const blocks = ran.out.split(/^ {4}\n2026.*\n/m).slice(1);
    expect(blocks).toHaveLength(3);
    expect(blocks[0]).toContain(`
Waiting for
the next batch starts 9.5s from now
Try: serin alloc status aaaaaaaa
`);
    expect(blocks[1], 'only what is new; a number that runs down is not').toBe('Waiting for\n  a check fails\n');
    expect(blocks[2]).not.toContain('Waiting for');
  });

  it('leaves with 2 and the reasons when something finds no place', async () => {
    const failed = {
      FailedTGAllocs: {
        app: { CoalescedFailures: 2, NodesEvaluated: 1, NodesExhausted: 1, DimensionExhausted: { memory: 1 } },
      },
      BlockedEval: 'd034cc2f-0000-0000-0000-000000000000',
    };
    const ran = await run(['run', jobFile], {
      'PUT /v1/jobs': registered,
      [`GET /v1/evaluation/${EVAL}`]: json(evaluation(failed)),
      [`GET /v1/evaluation/${EVAL}/allocations`]: json([]),
    });
    expect(ran.status).toBe(2);
    expect(ran.out).toContain('finished with status "complete" but failed to place all allocations:');
    expect(ran.out).toContain(
      'Task Group "app" (failed to place 3 allocations):\n      * Resources exhausted on 1 nodes',
    );
    expect(ran.out).toContain('Evaluation "d034cc2f" waiting for additional capacity to place remainder');
  });

  it('redraws one block on a terminal', async () => {
    const ran = await run(
      ['run', jobFile],
      {
        'PUT /v1/jobs': registered,
        [`GET /v1/evaluation/${EVAL}`]: json(evaluation()),
        [`GET /v1/evaluation/${EVAL}/allocations`]: json([]),
        [`GET /v1/deployment/${DEPLOYMENT}`]: inTurn(
          json(deployment({}, 0), 2),
          json(deployment({ Status: 'successful' }), 3),
        ),
      },
      { isTTY: true },
    );
    expect(ran.out).toContain('Deployment "9e0b62bd" in progress...');
    expect(ran.out).toContain('\x1b[12A\x1b[0J');
    expect(ran.out).toContain('✓ Deployment "9e0b62bd" successful');
    expect(ran.out).toContain('\x1b[1mDeployed\x1b[22m');
    expect(ran.status).toBe(0);
  });

  it('sends the index that must still be the job’s, and says so when it is not', async () => {
    const text = 'Enforcing job modify index 1: job exists with conflicting job modify index: 10';
    const ran = await run(['run', '-check-index', '1', jobFile], { 'PUT /v1/jobs': { status: 500, text } });
    expect(ran).toEqual({ status: 1, out: '', err: `${text}\nJob not updated\n` });
    expect(agent!.bodies.get('PUT /v1/jobs')).toMatchObject({ EnforceIndex: true, JobModifyIndex: 1 });
  });

  it('prints warnings before anything else', async () => {
    const Warnings = '1 warning(s):\n\n* count is low\n\n';
    const ran = await run(['run', '-detach', jobFile], { 'PUT /v1/jobs': json({ EvalID: EVAL, Warnings }) });
    expect(ran.out).toBe(
      `Job Warnings:\n1 warning(s):\n\n* count is low\n\n\n\nJob registration successful\nEvaluation ID: ${EVAL}\n`,
    );
  });

  it('prints the job and submits nothing with -output', async () => {
    const ran = await run(['run', '-output', jobFile], {});
    expect(JSON.parse(ran.out)).toMatchObject({ Job: { ID: 'web', Datacenters: ['dc1'] } });
    expect(agent!.requests).toEqual([]);
  });

  it('fills in the namespace that the file leaves open', async () => {
    await run(['run', '-detach', '-namespace', 'team', jobFile], { 'PUT /v1/jobs': registered });
    expect(agent!.bodies.get('PUT /v1/jobs')).toMatchObject({ Job: { Namespace: 'team' } });
  });

  it.each([
    ['a wrong index', ['-check-index', 'abc'], /^Error parsing check-index value "abc": it must be a whole number/],
    ['hcl1', ['-hcl1'], /^-hcl1 is not supported/],
    ['a variable without a value', ['-var', 'x'], /^-var "x" has no value/],
    [
      'a var-file that is not there',
      ['-var-file', 'testdata/nosuch/file.hcl'],
      /Error reading var-file "testdata\/nosuch\/file.hcl": no such file/,
    ],
  ])('refuses %s before it asks anybody', async (_, words, sentence) => {
    const ran = await run(['run', ...words, jobFile], {});
    expect(ran.err).toMatch(sentence);
    expect(ran.status).toBe(1);
    expect(agent!.requests).toEqual([]);
  });

  it('shows what is wrong in the file with its place', async () => {
    writeFileSync(jobFile, JOB.replace('datacenters', 'datacentres'));
    const ran = await run(['run', jobFile], {});
    expect(ran.err).toMatch(/^Error getting job struct: Error parsing job file from .*web\.nomad\.hcl:\n/);
    expect(ran.err).toContain('datacentres');
    expect(ran.status).toBe(1);
  });
});

describe('plan', () => {
  const plan = golden<object>('plan-rolling.json');

  it('leaves with 1 where allocations change', async () => {
    const ran = await run(['plan', jobFile], { 'PUT /v1/job/web/plan': json(plan) });
    expect(ran.status).toBe(1);
    expect(ran.out).toContain('+/- Job: "web"');
    expect(ran.out).toContain(`serin job run -check-index 10 ${jobFile}`);
    expect(agent!.bodies.get('PUT /v1/job/web/plan')).toMatchObject({ Diff: true });
  });

  it('leaves with 0 where none do', async () => {
    const counts = { Ignore: 6, Place: 0, Migrate: 0, Stop: 0, InPlaceUpdate: 0, DestructiveUpdate: 0, Canary: 0 };
    const Annotations = { DesiredTGUpdates: { app: { ...counts, Preemptions: 0 } }, PreemptedAllocs: null };
    const ran = await run(['plan', jobFile], { 'PUT /v1/job/web/plan': json({ ...plan, Annotations, Diff: null }) });
    expect([ran.status, ran.err]).toEqual([0, '']);
  });

  it('says why what cannot be placed is not, and leaves with 1 as the peer does', async () => {
    const FailedTGAllocs = {
      app: {
        ...EMPTY_METRIC,
        NodesEvaluated: 1,
        NodesAvailable: { dc1: 1 },
        NodesExhausted: 1,
        DimensionExhausted: { memory: 1 },
        CoalescedFailures: 2,
      },
    };
    const ran = await run(['plan', jobFile], { 'PUT /v1/job/web/plan': json({ ...plan, FailedTGAllocs }) });
    expect(ran.status).toBe(1);
    expect(ran.out).toContain(
      'Scheduler dry-run:\n- WARNING: Failed to place all allocations.\n  Task Group "app" (failed to place 3 allocations):\n    * Resources exhausted on 1 nodes\n    * Dimension "memory" exhausted on 1 nodes\n',
    );
  });

  it('asks for no diff with -diff=false', async () => {
    await run(['plan', '-diff=false', jobFile], { 'PUT /v1/job/web/plan': json(plan) });
    expect(agent!.bodies.get('PUT /v1/job/web/plan')).toMatchObject({ Diff: false });
  });

  it('leaves with 255 on any error', async () => {
    expect((await run(['plan', jobFile], { 'PUT /v1/job/web/plan': { status: 500, text: 'no' } })).status).toBe(255);
    expect((await runWords(['plan', '/nonexistent.hcl'])).status).toBe(255);
    expect((await runWords(['plan', '-difff', jobFile])).status).toBe(255);
    expect((await runWords(['plan', '-address', 'http://127.0.0.1:1', jobFile])).status).toBe(255);
  });
});

describe('validate', () => {
  it('says that a job is fine', async () => {
    const fine = json({ ValidationErrors: null, Error: '', Warnings: '' });
    const ran = await run(['validate', jobFile], { 'PUT /v1/validate/job': fine });
    expect(ran).toEqual({ status: 0, out: 'Job validation successful\n', err: '' });
  });

  it('prints the server’s words of one that is not', async () => {
    const problems = '1 error occurred:\n\t* Missing job task groups\n\n';
    const ran = await run(['job', 'validate', jobFile], { 'PUT /v1/validate/job': json({ Error: problems }) });
    expect(ran).toEqual({ status: 1, out: '', err: `Job validation errors:\n${problems}\n` });
  });
});

describe('status', () => {
  it('lists the matches of an ambiguous beginning', async () => {
    const Matches = { jobs: ['web'], allocs: ['we'] };
    const ran = await run(['status', 'w'], { 'PUT /v1/search': json({ Matches }) });
    expect(ran.status).toBe(1);
    expect(ran.err).toContain('is the beginning of several ids');
    expect(ran.err).toContain('Kind        ID\njob         web\nallocation  we');
  });

  it('lists the jobs of an ambiguous beginning', async () => {
    const stub = { Type: 'service', Priority: 50, Status: 'running', Stop: false, SubmitTime: 0 };
    const jobs = ['web-a', 'web-b'].map((ID) => ({ ID, ...stub }));
    const ran = await run(['job', 'status', 'web'], { 'GET /v1/jobs': json(jobs) });
    expect(ran.err).toContain('Prefix matched multiple jobs\n\nID     Type     Priority');
    expect(ran.err).toContain('web-b');
  });

  it('says that an id stands for nothing', async () => {
    const ran = await run(['status', 'web'], { 'PUT /v1/search': json({ Matches: {} }) });
    expect(ran).toEqual({ status: 1, out: '', err: 'Unable to resolve ID: "web"\n' });
  });

  it('prints through a template and as JSON', async () => {
    const routes = routesOf('03-run-v1-after');
    expect((await run(['job', 'deployments', '-t', '{{range .}}{{.ID}}{{end}}', 'web'], routes)).out).toBe(
      '4a163619-b9a6-f948-0e77-731bfb8edb7c\n',
    );
    expect((await runWords(['job', 'inspect', 'web'], { address: agent!.address })).out).toContain(
      '"SubmitTime": 1795191332461458177,',
    );
    const version = await runWords(['job', 'history', '-version', '0', '-json', 'web'], { address: agent!.address });
    expect(version.out).toContain('"SubmitTime": 1795191332461458177,');
    const both = await runWords(['deployment', 'list', '-json', '-t', '{{.}}'], { address: agent!.address });
    expect(both.err).toContain('choose one');
  });
});

describe('stop', () => {
  const jobs = json([{ ID: 'web' }]);

  it('purges without watching', async () => {
    const ran = await run(['stop', '-purge', '-detach', 'web'], {
      'GET /v1/jobs': jobs,
      'DELETE /v1/job/web': (url) => json({ EvalID: url.searchParams.get('purge') === 'true' ? EVAL : 'kept' }),
    });
    expect(ran).toEqual({ status: 0, out: `${EVAL}\n`, err: '' });
  });

  it('stops no job that was not named in full where nobody can be asked', async () => {
    const ran = await run(['stop', 'we'], { 'GET /v1/jobs': jobs });
    expect(ran.err).toContain('"web" was not named in full');
    expect(ran.status).toBe(1);
    expect(agent!.requests).toEqual(['GET /v1/jobs']);
  });
});

describe('alloc', () => {
  const id = 'aaaaaaaa-0000-0000-0000-000000000000';
  const whole = { ...alloc('running'), Job: { TaskGroups: [{ Name: 'app', Tasks: [{ Name: 'server' }] }] } };

  it('logs prints what the task wrote, byte for byte', async () => {
    const ran = await run(['alloc', 'logs', '-stderr', id], {
      [`GET /v1/allocation/${id}`]: json(whole),
      [`GET /v1/client/fs/logs/${id}`]: (url) => ({
        text: `${url.searchParams.get('task')} ${url.searchParams.get('type')} boom`,
      }),
    });
    expect(ran).toEqual({ status: 0, out: 'server stderr boom', err: '' });
  });

  it.each([
    [['-tail', '-n', '2'], 'b\nc\n'],
    [['-n', '1'], 'c\n'],
    [['-tail'], 'a\nb\nc\n'],
    [['-c', '3'], 'the end, 3'],
  ])('logs prints the end with %j', async (flags, expected) => {
    const ran = await run(['alloc', 'logs', ...flags, id, 'server'], {
      [`GET /v1/client/fs/logs/${id}`]: ({ searchParams: query }) => ({
        text: query.get('offset') === '3' ? 'the end, 3' : query.get('origin') === 'end' ? 'a\nb\nc\n' : '',
      }),
    });
    expect(ran).toEqual({ status: 0, out: expected, err: '' });
  });

  it('logs prints both streams, each to its own', async () => {
    const ran = await run(['alloc', 'logs', '-stdout', '-stderr', id, 'server'], {
      [`GET /v1/client/fs/logs/${id}`]: ({ searchParams }) => ({ text: `${searchParams.get('type')}\n` }),
    });
    expect(ran).toEqual({ status: 0, out: 'stdout\n', err: 'stderr\n' });
  });

  it.each([
    [['-n', 'x'], '-n must be a whole number, not "x"\n'],
    [['-c', '-1'], '-c must be a whole number, not "-1"\n'],
    [['-n', '1', '-c', '1'], 'Give -n or -c, not both.\n'],
  ])('logs refuses %j', async (flags, sentence) => {
    expect(await run(['alloc', 'logs', ...flags, id, 'server'], {})).toEqual({ status: 1, out: '', err: sentence });
  });

  it('logs of a job are those of its newest allocation that runs, or of its newest', async () => {
    const logsOf = async (states: readonly string[]) => {
      const allocs = states.map((state, at) => ({
        ...alloc(state, at),
        ID: `aaaaaaa${at}-0000-0000-0000-000000000000`,
      }));
      await run(['alloc', 'logs', '-job', 'web', 'server'], {
        'GET /v1/jobs': json([{ ID: 'web' }]),
        'GET /v1/job/web/allocations': json(allocs),
      });
      await agent!.close();
      return agent!.requests.at(-1);
    };
    expect(await logsOf(['running', 'running', 'complete'])).toContain('/aaaaaaa1-');
    expect(await logsOf(['failed', 'complete'])).toContain('/aaaaaaa1-');
  });

  it('logs -f goes on behind the last byte when the agent was away for a moment', async () => {
    const frame = (file: number, Offset: number, text: string) =>
      JSON.stringify({ File: `server.stdout.${file}`, Offset, Data: Buffer.from(text).toString('base64') });
    const ran = await run(['alloc', 'logs', '-f', id, 'server'], {
      [`GET /v1/client/fs/logs/${id}`]: inTurn(
        { text: frame(0, 0, 'one\n') },
        { status: 404, text: `Unknown allocation "${id}"` },
        { text: `${frame(0, 0, 'one\ntwo\n')}{}${frame(1, 0, 'three\n')}` },
      ),
      [`GET /v1/allocation/${id}`]: inTurn(json({ ClientStatus: 'running' }), json({ ClientStatus: 'complete' })),
    });
    expect(ran).toEqual({ status: 0, out: 'one\ntwo\nthree\n', err: '' });
  });

  it('logs names the tasks where there are several', async () => {
    const tasks = [{ Name: 'server' }, { Name: 'side' }];
    const two = { ...whole, Job: { TaskGroups: [{ Name: 'app', Tasks: tasks }] } };
    const ran = await run(['alloc', 'logs', id], { [`GET /v1/allocation/${id}`]: json(two) });
    expect(ran.err).toBe(
      'Allocation "aaaaaaaa" is running the following tasks:\n  * server\n  * side\n\nPlease specify the task.\n',
    );
  });

  it('logs -f of an allocation that ended and was collected meanwhile ends', async () => {
    const ran = await run(['alloc', 'logs', '-f', id, 'server'], {
      [`GET /v1/client/fs/logs/${id}`]: inTurn(
        { text: '' },
        { status: 404, text: 'collected' },
        { status: 404, text: 'collected' },
      ),
      [`GET /v1/allocation/${id}`]: inTurn(json({ ClientStatus: 'running' }), json({ ClientStatus: 'complete' })),
    });
    expect(ran).toEqual({ status: 0, out: '', err: '' });
  });

  it('restart names the task', async () => {
    const path = `PUT /v1/client/allocation/${id}/restart`;
    const ran = await run(['alloc', 'restart', id, 'server'], { [path]: json({}) });
    expect(ran).toEqual({ status: 0, out: '', err: '' });
    expect(agent!.bodies.get(path)).toEqual({ TaskName: 'server' });
  });

  it('restart -all-tasks names none', async () => {
    const path = `PUT /v1/client/allocation/${id}/restart`;
    const ran = await run(['alloc', 'restart', '-all-tasks', id], { [path]: json({}) });
    expect(ran).toEqual({ status: 0, out: '', err: '' });
    expect(agent!.bodies.get(path)).toEqual({ AllTasks: true });
  });
});

describe('job history', () => {
  const history = readFileSync(new URL('../../testdata/http/job_versions_history.json', import.meta.url), 'utf8');
  const routes = { 'GET /v1/jobs': json([{ ID: 'web' }]), 'GET /v1/job/web/versions': { text: history } };

  it('shows what each version changed, word for word as the peer does', async () => {
    const screen = readFileSync(new URL('../../testdata/cli/history-p.txt', import.meta.url), 'utf8').trimEnd();
    const ran = await run(['job', 'history', '-p', 'web'], routes);
    expect(ran.out.startsWith(`${screen}\n\nVersion     = 15\n`)).toBe(true);
    expect(ran.out).toMatch(/Version {5}= 11\nStable {6}= \w+\nSubmit Date = \S+\n$/);
  });

  it('shows one version, alone or in full', async () => {
    const one = await run(['job', 'history', '-version', '15', 'web'], routes);
    expect(one.out).toBe('Version     = 15\nStable      = true\nSubmit Date = 2026-11-20T16:26:59Z\n');
    const full = await runWords(['job', 'history', '-full', '-version', '15', 'web'], { address: agent!.address });
    expect(full.out).toMatch(/^Version.*\n.*\n.*\nFull {8}= JSON Job:\n\{\n {4}"Affinities": null,\n/);
    const other = await runWords(['job', 'history', '-version', '999', 'web'], { address: agent!.address });
    expect(other).toMatchObject({
      status: 1,
      err: 'Error printing job history for non-existing job or job version\n',
    });
  });

  it('shows the tag of a version that has one, and of no other', async () => {
    const data = JSON.parse(history) as { Versions: object[] };
    const VersionTag = { Name: 'golden', Description: 'the best', TaggedTime: 1 };
    const Versions = data.Versions.map((job, at) => (at === 1 ? { ...job, VersionTag } : job)).slice(0, 2);
    const ran = await run(['job', 'history', 'web'], {
      ...routes,
      'GET /v1/job/web/versions': json({ Versions, Diffs: null }),
    });
    expect(ran.out).toBe(`Version     = 16
Stable      = false
Submit Date = 2026-11-20T16:27:12Z

Version         = 15
Stable          = true
Submit Date     = 2026-11-20T16:26:59Z
Tag Name        = golden
Tag Description = the best
`);
  });

  it('compares with one version, by number or tag, but not both', async () => {
    const asked: string[] = [];
    const answer = (url: URL) => {
      asked.push(url.search);
      return { text: history };
    };
    const spied = { ...routes, 'GET /v1/job/web/versions': answer };
    await run(['job', 'history', '-diff-version', '12', 'web'], spied);
    await runWords(['job', 'history', '-diff-tag', 'golden', 'web'], { address: agent!.address });
    expect(asked).toEqual(['?diffs=true&diff_version=12', '?diffs=true&diff_tag=golden']);
    const both = ['job', 'history', '-diff-tag', 'golden', '-diff-version', '12', 'web'];
    expect((await runWords(both, { address: agent!.address })).err).toContain('choose one');
  });
});

describe('job tag', () => {
  const jobs = { 'GET /v1/jobs': json([{ ID: 'web' }]) };
  const path = '/v1/job/web/versions/golden/tag';

  it('names a version', async () => {
    const tagged = json({ Name: 'golden', Description: 'best', TaggedTime: 1, Version: 3 });
    const words = ['job', 'tag', 'apply', '-name', 'golden', '-description', 'best', '-version', '3', 'web'];
    expect(await run(words, { ...jobs, [`PUT ${path}`]: tagged })).toEqual({
      status: 0,
      out: 'Job version 3 tagged with name "golden"\n',
      err: '',
    });
    expect(agent!.bodies.get(`PUT ${path}`)).toEqual({ Name: 'golden', Description: 'best', Version: 3 });
  });

  it('takes the name away', async () => {
    const ran = await run(['job', 'tag', 'unset', '-name', 'golden', 'web'], { ...jobs, [`DELETE ${path}`]: json({}) });
    expect(ran).toEqual({ status: 0, out: 'Tag "golden" removed from job "web"\n', err: '' });
  });

  it('needs a name, and a number for a version', async () => {
    expect((await run(['job', 'tag', 'apply', 'web'], jobs)).err).toContain('use -name');
    expect((await runWords(['job', 'tag', 'unset', 'web'])).err).toContain('use -name');
    expect((await runWords(['job', 'tag', 'apply', '-name', 'x', '-version', 'y', 'web'])).err).toContain('no version');
  });

  it('is a group of commands with help of its own', async () => {
    expect((await runWords(['job', 'tag', '-help'])).out).toContain('Usage: serin job tag <command>');
    expect((await runWords(['job', 'tag', 'aply'])).err).toContain('Did you mean "job tag apply"?');
    expect((await runWords(['job', 'tag', 'apply', '-help'])).out).toContain(
      'Usage: serin job tag apply [options] <job>',
    );
  });
});

describe('job revert', () => {
  const jobs = { 'GET /v1/jobs': json([{ ID: 'web' }]) };

  it('asks for the version and, detached, says nothing', async () => {
    const ran = await run(['job', 'revert', '-detach', '-version-check', '21', 'web', '19'], {
      ...jobs,
      'PUT /v1/job/web/revert': registered,
    });
    expect(ran).toEqual({ status: 0, out: '', err: '' });
    expect(agent!.bodies.get('PUT /v1/job/web/revert')).toEqual({
      JobID: 'web',
      JobVersion: 19,
      EnforcePriorVersion: 21,
    });
  });

  it('prints the agent’s refusal', async () => {
    const ran = await run(['job', 'revert', 'web', '20'], {
      ...jobs,
      'PUT /v1/job/web/revert': { status: 500, text: "can't revert to current version" },
    });
    expect(ran.err).toBe(
      "Error retrieving job versions: Unexpected response code: 500 (can't revert to current version)\n",
    );
    expect(ran.status).toBe(1);
  });

  it('finds a version by its tag, and says where there is none', async () => {
    const VersionTag = { Name: 'golden', Description: '', TaggedTime: 1 };
    const Versions = [{ Version: 4 }, { Version: 3, VersionTag }];
    const routes = { ...jobs, 'GET /v1/job/web/versions': json({ Versions, Diffs: null }) };
    const ran = await run(['job', 'revert', '-detach', 'web', 'golden'], {
      ...routes,
      'PUT /v1/job/web/revert': registered,
    });
    expect(ran.status).toBe(0);
    expect(agent!.bodies.get('PUT /v1/job/web/revert')).toMatchObject({ JobVersion: 3 });
    const other = await runWords(['job', 'revert', 'web', 'latest'], { address: agent!.address });
    expect(other).toMatchObject({ status: 1, err: expect.stringContaining('"latest" is no version of job "web"') });
  });
});

describe('job scale', () => {
  const groups = (...names: string[]) => ({
    'GET /v1/jobs': json([{ ID: 'web' }]),
    'GET /v1/job/web': json({ ID: 'web', TaskGroups: names.map((Name) => ({ Name })) }),
    'PUT /v1/job/web/scale': registered,
  });

  it('needs no group where the job has one', async () => {
    const ran = await run(['job', 'scale', '-detach', 'web', '6'], groups('app'));
    expect(ran).toEqual({ status: 0, out: `Evaluation ID: ${EVAL}\n`, err: '' });
    expect(agent!.bodies.get('PUT /v1/job/web/scale')).toEqual({ Count: 6, Target: { Job: 'web', Group: 'app' } });
  });

  it('takes the group where there are several, and names them where it was left out', async () => {
    const named = await run(['job', 'scale', '-detach', 'web', 'db', '6'], groups('app', 'db'));
    expect(named.status).toBe(0);
    await agent!.close();
    const ran = await run(['job', 'scale', 'web', '6'], groups('app', 'db'));
    expect(ran.err).toBe('Job "web" has several groups; name one of them:\n  * app\n  * db\n');
  });
});

describe('deployment fail', () => {
  it('prints that it failed and what the job goes back to', async () => {
    const ran = await run(['deployment', 'fail', '-detach', DEPLOYMENT], {
      [`GET /v1/deployment/${DEPLOYMENT}`]: json(deployment({})),
      [`PUT /v1/deployment/fail/${DEPLOYMENT}`]: json({ EvalID: EVAL, RevertedJobVersion: 17 }),
    });
    expect(ran.out).toBe(`Deployment "${DEPLOYMENT}" failed. Auto-reverted to job version 17.\n`);
  });

  it('says of an unknown one that there is none', async () => {
    const ran = await run(['deployment', 'fail', DEPLOYMENT], {
      [`GET /v1/deployment/${DEPLOYMENT}`]: { status: 404, text: 'deployment not found' },
    });
    expect(ran.err).toBe('Error retrieving deployment: Unexpected response code: 404 (deployment not found)\n');
  });

  it('prints the agent’s refusal', async () => {
    const ran = await run(['deployment', 'fail', DEPLOYMENT], {
      [`GET /v1/deployment/${DEPLOYMENT}`]: json(deployment({})),
      [`PUT /v1/deployment/fail/${DEPLOYMENT}`]: { status: 500, text: "can't fail terminal deployment" },
    });
    expect(ran.err).toBe("Error failing deployment: Unexpected response code: 500 (can't fail terminal deployment)\n");
    expect(ran.status).toBe(1);
  });
});

describe('deployment pause, resume and promote', () => {
  const path = (verb: string) => `PUT /v1/deployment/${verb}/${DEPLOYMENT}`;
  const known = { [`GET /v1/deployment/${DEPLOYMENT}`]: json(deployment({})) };

  it.each([
    ['pause', 'pause', [], 'paused', { Pause: true }],
    ['resume', 'pause', ['-detach'], 'resumed', { Pause: false }],
  ])('%s says what it did', async (word, verb, flags, said, body) => {
    const ran = await run(['deployment', word, ...flags, DEPLOYMENT], {
      ...known,
      [path(verb)]: json({ EvalID: EVAL }),
    });
    expect(ran).toEqual({ status: 0, out: `Deployment "${DEPLOYMENT}" ${said}\n`, err: '' });
    expect(agent!.bodies.get(path(verb))).toEqual({ DeploymentID: DEPLOYMENT, ...body });
  });

  it('promotes every group, detached without a word', async () => {
    const ran = await run(['deployment', 'promote', '-detach', DEPLOYMENT], {
      ...known,
      [path('promote')]: json({ EvalID: EVAL }),
    });
    expect(ran).toEqual({ status: 0, out: '', err: '' });
    expect(agent!.bodies.get(path('promote'))).toEqual({ DeploymentID: DEPLOYMENT, All: true });
  });

  it('promotes the named groups, and names those that are none', async () => {
    const ran = await run(['deployment', 'promote', '-group', 'app', '-group', 'nosuch', '-detach', DEPLOYMENT], {
      ...known,
      [path('promote')]: json({ EvalID: EVAL }),
    });
    expect(ran.err).toBe(`Deployment "${DEPLOYMENT}" has no task group "nosuch"; nothing of it is promoted\n`);
    expect(agent!.bodies.get(path('promote'))).toEqual({ DeploymentID: DEPLOYMENT, Groups: ['app', 'nosuch'] });
  });

  it.each([
    [['25'], { Weight: 25, Groups: [] }, 'the canaries get 25% of the requests'],
    [['-group', 'app', '0.5%'], { Weight: 0.5, Groups: ['app'] }, 'the canaries of "app" get 0.5% of the requests'],
  ])('weighs canaries with %j', async (flags, body, said) => {
    const words = flags.at(-1)!;
    const ran = await run(['deployment', 'weight', ...flags.slice(0, -1), DEPLOYMENT, words], {
      ...known,
      [path('weight')]: json({ EvalID: '' }),
    });
    expect(ran).toEqual({ status: 0, out: `Deployment "${DEPLOYMENT}": ${said}\n`, err: '' });
    expect(agent!.bodies.get(path('weight'))).toEqual({ DeploymentID: DEPLOYMENT, ...body });
  });

  it.each(['-5', 'many', '101', '5.5.5'])('refuses the weight %s before it asks anybody', async (weight) => {
    const ran = await run(['deployment', 'weight', DEPLOYMENT, '--', weight], {});
    expect([ran.status, ran.err]).toEqual([
      1,
      expect.stringContaining(`The weight must be a percentage between 0 and 100, not "${weight}"`),
    ]);
  });

  it('prints why a promotion is refused', async () => {
    const text = '1 error occurred:\n\t* Task group "app" has 0/1 healthy allocations\n\n';
    const ran = await run(['deployment', 'promote', DEPLOYMENT], {
      ...known,
      [path('promote')]: { status: 500, text },
    });
    expect(ran.err).toBe(`Error promoting deployment: Unexpected response code: 500 (${text.trimEnd()})\n`);
    expect(ran.status).toBe(1);
  });

  it('prints that nothing is blocked', async () => {
    const ran = await run(['deployment', 'unblock', DEPLOYMENT], {
      ...known,
      [path('unblock')]: { status: 500, text: "can't unblock deployment" },
    });
    expect(ran.err).toBe("Error unblocking deployment: Unexpected response code: 500 (can't unblock deployment)\n");
  });
});

describe('job init', () => {
  it.each([[[]], [['-short']]])('writes a file that is a job (%j)', async (flags) => {
    const path = join(folder, 'example.nomad.hcl');
    expect((await runWords(['job', 'init', ...flags, path])).status).toBe(0);
    const ran = await runWords(['run', '-output', path]);
    expect(JSON.parse(ran.out)).toMatchObject({
      Job: { ID: 'example', TaskGroups: [{ Name: 'web', Count: 3, Tasks: [{ Driver: 'raw_exec' }] }] },
    });
    expect(/^\s*#/m.test(readFileSync(path, 'utf8'))).toBe(flags.length === 0);
  });

  it('leaves a file that is there as it is', async () => {
    const ran = await runWords(['init', jobFile]);
    expect(ran.err).toContain('already exists');
    expect(readFileSync(jobFile, 'utf8')).toBe(JOB);
  });
});

describe('ingress', () => {
  const ALLOC = '8a1b2c3d-0000-4000-8000-000000000001';
  const server = (State: string, InFlight: number, Override?: object) => ({
    AllocID: ALLOC,
    Address: '127.0.0.1',
    Port: 20_001,
    Version: 3,
    State,
    Weight: 100,
    InFlight,
    Requests: 12,
    ...(Override && { Override }),
  });
  const Versions = [{ Version: 3, Requests: 40, Errors: 1, InFlight: 2, BytesIn: 4096, BytesOut: 90 }];
  const status = (...servers: object[]) =>
    json({
      Ingresses: [{ ID: 'i-1', Name: 'edge', DataPlane: 'embedded', IsPresent: true, AppliedIndex: 7, Problems: [] }],
      Frontends: [{ Listen: 8080, Mode: 'http', Host: '', Path: '/', Backend: 'default/oinker/web' }],
      Backends: [
        {
          ID: 'default/oinker/web',
          Pools: [{ Name: 'stable', Weight: 100, Requests: 40, Errors: 1, InFlight: 2, Versions, Servers: servers }],
        },
      ],
    });
  const path = `PUT /v1/ingress/server/${ALLOC}`;

  it('status lists ways in, pools and instances', async () => {
    const ran = await run(['ingress', 'status'], {
      'GET /v1/ingress/status': status(server('ready', 2, { Drained: true })),
    });
    expect(ran.status).toBe(0);
    expect(ran.out).toContain('8080    http  *     /     default/oinker/web');
    expect(ran.out).toContain('Pool stable: 100% of the requests; 40 so far, 1 failed, 2 in flight');
    expect(ran.out).toContain('8a1b2c3d    127.0.0.1:20001  3        ready  100     12        2          drained');
  });

  it('drain says what it did; Marathon’s task ids will do', async () => {
    const ran = await run(['ingress', 'drain', `oinker.${ALLOC}`], { [path]: json({ Index: 8 }) });
    expect(ran).toEqual({ status: 0, out: `Allocation "${ALLOC}" gets nothing new\n`, err: '' });
    expect(agent!.bodies.get(path)).toEqual({ Action: 'drain' });
  });

  it('ready -wait waits for every ingress', async () => {
    const known = { [path]: json({ Index: 8 }), 'GET /v1/ingress/status': status(server('ready', 0)) };
    const ran = await run(['ingress', 'ready', '-wait', ALLOC], known);
    expect(ran.out).toBe(`Allocation "${ALLOC}" gets its requests again\nAllocation "${ALLOC}" is ready\n`);
  });

  it.each([
    ['oinker', 'by its job'],
    ['oinker/web', 'by job and service'],
    ['default/oinker/web', 'whole'],
  ])('add finds the pool %s', async (pool) => {
    const known = { [path]: json({ Index: 8 }), 'GET /v1/ingress/status': status() };
    const ran = await run(['ingress', 'add', '-pool', pool, ALLOC], known);
    expect(ran.out).toBe(`Allocation "${ALLOC}" is in the pool of "default/oinker/web"\n`);
    expect(agent!.bodies.get(path)).toEqual({ Action: 'add', Backend: 'default/oinker/web' });
  });

  it.each([
    [['ingress', 'add', ALLOC], 'Name the service with -pool'],
    [['ingress', 'add', '-pool', 'x', ALLOC], 'No pool "x"; there are: default/oinker/web'],
    [['ingress', 'weight', ALLOC, 'much'], 'The weight must be a percentage such as 50, not "much"'],
  ])('refuses %j', async (args, words) => {
    const ran = await run(args, { 'GET /v1/ingress/status': status() });
    expect([ran.status, ran.err]).toEqual([1, expect.stringContaining(words)]);
  });
});
