import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalizeJob } from './canonicalize.ts';
import type { Job, JobRequest } from './job.ts';
import { MINUTE, SECOND } from './nanos.ts';

const GOLDENS = new URL('../../testdata/model/canonical/', import.meta.url);
const golden = (name: string) => JSON.parse(readFileSync(new URL(`${name}.json`, GOLDENS), 'utf8'));

const SERVER_SET = ['Status', 'Stable', 'Version', 'SubmitTime', 'CreateIndex', 'ModifyIndex', 'JobModifyIndex'];
const withoutServerSet = (job: object) =>
  Object.fromEntries(Object.entries(job).filter(([key]) => !SERVER_SET.includes(key)));

const canonical = (request: JobRequest): Job => {
  const { job, problems } = canonicalizeJob(request);
  expect(problems).toEqual([]);
  return job;
};

const withService = (service: object): JobRequest => ({
  ID: 'web',
  TaskGroups: [{ Name: 'app', Services: [service], Tasks: [{ Name: 'server', Driver: 'mock' }] }],
});
const firstService = (request: JobRequest) => canonical(request).TaskGroups[0]?.Services?.[0];

describe('what a client sends becomes what a peer made of it', () => {
  const names = ['rich', 'web-v1', 'web-v2', 'web-c1', 'web-bg', 'web-r1', 'web-f1', 'con', 'big'];

  it.each(names)('%s: values', (name) => {
    const job = canonical(golden(`${name}.request`));
    expect(withoutServerSet(job)).toStrictEqual(withoutServerSet(golden(`${name}.canonical`)));
  });

  it.each(names)('%s: sent back as it was read, it stays itself', (name) => {
    const read = golden(`${name}.canonical`);
    expect(withoutServerSet(canonical(read))).toStrictEqual(withoutServerSet(read));
  });

  it('keys stand in the order of the wire', () => {
    const ours = canonical(golden('rich.request'));
    const theirs = golden('rich.canonical') as Job;
    expect(Object.keys(ours)).toEqual(Object.keys(theirs));
    expect(Object.keys(ours.TaskGroups[0] ?? {})).toEqual(Object.keys(theirs.TaskGroups[0] ?? {}));
    expect(Object.keys(ours.TaskGroups[0]?.Tasks[0] ?? {})).toEqual(Object.keys(theirs.TaskGroups[0]?.Tasks[0] ?? {}));
  });
});

describe('defaults', () => {
  it('an empty request becomes a job that only lacks what has no default', () => {
    const job = canonical({});
    expect(job).toMatchObject({ ID: '', Type: 'service', Region: 'global', Namespace: 'default', Priority: 50 });
    expect(job.Datacenters).toEqual([]);
    expect(job.TaskGroups).toEqual([]);
  });

  it('the name is the id where none is given', () => {
    expect(canonical({ ID: 'web' }).Name).toBe('web');
  });

  it('group update fields override the job level ones, one by one', () => {
    const job = canonical({
      ID: 'web',
      Update: { MaxParallel: 3, Canary: 1, HealthyDeadline: 7 * MINUTE },
      TaskGroups: [{ Name: 'a', Update: { Canary: 2, MaxParallel: 0 } }, { Name: 'b' }],
    });
    expect(job.TaskGroups[0]?.Update).toMatchObject({ MaxParallel: 0, Canary: 2, HealthyDeadline: 7 * MINUTE });
    expect(job.TaskGroups[1]?.Update).toMatchObject({ MaxParallel: 3, Canary: 1, HealthyDeadline: 7 * MINUTE });
    expect(job.Update).toMatchObject({ MaxParallel: 3, HealthCheck: '', HealthyDeadline: 0 });
  });

  it('a batch interval reaches every group that does not set its own, and appears only when set', () => {
    const job = canonical({
      ID: 'web',
      Update: { BatchInterval: 20 * SECOND },
      TaskGroups: [{ Name: 'a' }, { Name: 'b', Update: { BatchInterval: 5 * SECOND } }],
    });
    expect(job.TaskGroups.map((group) => group.Update?.BatchInterval)).toEqual([20 * SECOND, 5 * SECOND]);
    expect(job.Update.BatchInterval).toBe(20 * SECOND);
    expect(Object.keys(canonical({ ID: 'web' }).Update)).not.toContain('BatchInterval');
  });

  it('a job read back keeps the batch interval of a group that is added to it', () => {
    const read = canonical({ ID: 'web', Update: { BatchInterval: 20 * SECOND }, TaskGroups: [{ Name: 'a' }] });
    const grown = canonical({ ...read, TaskGroups: [...read.TaskGroups, { Name: 'b' }] });
    expect(grown.TaskGroups[1]?.Update).toMatchObject({ BatchInterval: 20 * SECOND, HealthyDeadline: 5 * MINUTE });
  });

  it('what only we know of an update is inherited like the rest, and is no key where nobody said it', () => {
    const job = canonical({
      ID: 'web',
      Update: { CanaryWeight: 12.5, MaxSurge: '25%', KeepWarm: '10m' },
      TaskGroups: [{ Name: 'a' }, { Name: 'b', Update: { CanaryWeight: 0, MaxSurge: '3', KeepWarm: 0 } }],
    });
    expect(job.TaskGroups[0]?.Update).toMatchObject({ CanaryWeight: 12.5, MaxSurge: '25%', KeepWarm: 10 * MINUTE });
    expect(job.TaskGroups[1]?.Update).toMatchObject({ CanaryWeight: 0, MaxSurge: 3, KeepWarm: 0 });
    const plain = JSON.stringify(canonical({ ID: 'web', TaskGroups: [{ Name: 'a', Update: {} }] }));
    expect(plain).not.toMatch(/CanaryWeight|MaxSurge|KeepWarm|Preview/);
  });

  it('a job read back keeps the surge of a group that is added to it; canaries are each group’s own', () => {
    const read = canonical({ ID: 'web', Update: { MaxSurge: 2, Canary: 1, CanaryWeight: 5 }, TaskGroups: [{}] });
    const added = canonical({ ...read, TaskGroups: [...read.TaskGroups, { Name: 'b' }] }).TaskGroups[1];
    expect(added?.Update).toMatchObject({ MaxSurge: 2, Canary: 0 });
    expect(added?.Update).not.toHaveProperty('CanaryWeight');
  });

  it('Meta says it where no block does, the group’s before the job’s', () => {
    const job = canonical({
      ID: 'web',
      Meta: { 'serin.update.max_surge': '1', 'serin.update.keep_warm': '5m', owner: 'me' },
      TaskGroups: [
        { Name: 'a', Meta: { 'serin.update.max_surge': '25%', 'serin.update.canary_weight': '2.5' } },
        { Name: 'b', Update: { MaxSurge: 4 }, Meta: { 'serin.update.batch_interval': '30s' } },
      ],
    });
    expect(job.TaskGroups[0]?.Update).toMatchObject({ MaxSurge: '25%', CanaryWeight: 2.5, KeepWarm: 5 * MINUTE });
    expect(job.TaskGroups[1]?.Update).toMatchObject({ MaxSurge: 4, BatchInterval: 30 * SECOND });
    expect(job.Meta).toMatchObject({ 'serin.update.max_surge': '1', owner: 'me' });
  });

  it('what is wrong with the update in Meta is told with its key', () => {
    const Meta = {
      'serin.update.canary_weight': 'half',
      'serin.update.max_surge': '1.5',
      'serin.update.keep_warm': 'long',
      'serin.update.surge': '1',
    };
    expect(canonicalizeJob({ ID: 'web', TaskGroups: [{ Meta, Update: { MaxSurge: true } }] }).problems).toEqual([
      'TaskGroups[0].Meta.serin.update.canary_weight: expected a percentage such as "5", found the text "half"',
      'TaskGroups[0].Meta.serin.update.max_surge: expected a whole number or a percentage such as "25%", found the text "1.5"',
      'TaskGroups[0].Meta.serin.update.keep_warm: expected a duration such as "10m", found the text "long"',
      'TaskGroups[0].Meta.serin.update.surge: no such key; there are serin.update.batch_interval, serin.update.canary_weight, serin.update.max_surge, serin.update.keep_warm',
      'TaskGroups[0].Update.MaxSurge: expected a whole number or a percentage such as "25%", found true',
    ]);
  });

  it('a batch job has no update or migrate block of itself, and other restart and reschedule rules', () => {
    const group = canonical({ ID: 'b', Type: 'batch', TaskGroups: [{ Name: 'a' }] }).TaskGroups[0];
    expect(group).toMatchObject({ Update: null, Migrate: null });
    expect(group?.RestartPolicy.Attempts).toBe(3);
    expect(group?.ReschedulePolicy).toMatchObject({ Attempts: 1, DelayFunction: 'constant', Unlimited: false });
  });

  it("a task's restart fields stand over its group's", () => {
    const group = canonical({
      ID: 'web',
      TaskGroups: [{ RestartPolicy: { Attempts: 9 }, Tasks: [{ RestartPolicy: { Delay: SECOND } }, {}] }],
    }).TaskGroups[0];
    expect(group?.Tasks[0]?.RestartPolicy).toMatchObject({ Attempts: 9, Delay: SECOND });
    expect(group?.Tasks[1]?.RestartPolicy).toEqual(group?.RestartPolicy);
  });

  it('reserved cores take the place of the default cpu share', () => {
    const task = (resources: object) =>
      canonical({ ID: 'x', TaskGroups: [{ Tasks: [{ Resources: resources }] }] }).TaskGroups[0]?.Tasks[0]?.Resources;
    expect(task({})).toMatchObject({ CPU: 100, MemoryMB: 300 });
    expect(task({ Cores: 2 })).toMatchObject({ CPU: 0, Cores: 2 });
  });
});

describe('services', () => {
  it.each([
    [undefined, 'web-app'],
    ['${JOB}-${TASKGROUP}-${TASK}', 'web-app-group'],
    ['x-${BASE}', 'x-web-app-group'],
    ['plain', 'plain'],
  ])('the name %s of a group service becomes %s', (name, expected) => {
    expect(firstService(withService({ Name: name }))?.Name).toBe(expected);
  });

  it('a task service without a name is named after job, group and task', () => {
    const tasks = [{ Name: 'server', Services: [{}] }];
    const job = canonical({ ID: 'web', TaskGroups: [{ Name: 'app', Tasks: tasks }] });
    expect(job.TaskGroups[0]?.Tasks[0]?.Services?.[0]?.Name).toBe('web-app-server');
  });

  it('a check takes its name, update rule and restart rule from its service', () => {
    const check = firstService(
      withService({ Name: 's', OnUpdate: 'ignore', CheckRestart: { Limit: 3 }, Checks: [{ Type: 'TCP' }] }),
    )?.Checks?.[0];
    expect(check).toMatchObject({ Name: 'service: "s" check', Type: 'tcp', OnUpdate: 'ignore' });
    expect(check?.CheckRestart).toEqual({ Limit: 3, Grace: SECOND, IgnoreWarnings: false });
  });

  it('the statuses of http checks may stand in the meta of their service', () => {
    const Checks = [{ Type: 'http' }, { Type: 'http', SuccessCodes: '204' }, { Type: 'tcp' }];
    const service = firstService(withService({ Name: 's', Meta: { 'serin.check.success_codes': '200-399' }, Checks }));
    expect(service?.Checks?.map(({ SuccessCodes }) => SuccessCodes)).toEqual(['200-399', '204', undefined]);
  });
});

describe('ingress', () => {
  const full = {
    Listen: 8080,
    Host: '',
    Path: '/',
    Mode: 'http',
    DrainDeadline: MINUTE,
    DrainPolicy: 'wait',
    Hold: 10 * SECOND,
  };

  it('needs nothing but the port', () => {
    expect(firstService(withService({ Ingress: [{ Listen: 8080 }] }))?.Ingress).toEqual([full]);
  });

  it('is absent where none is asked for, so that the wire stays as it is', () => {
    expect(firstService(withService({}))).not.toHaveProperty('Ingress');
  });

  it('may be written in tags, for clients that drop keys which they do not know', () => {
    const tags = [
      'other',
      'ingress.listen=8080',
      'ingress.host=WWW.example.com',
      'ingress.path=/api',
      'ingress.drain_deadline=5s',
    ];
    expect(firstService(withService({ Tags: tags }))?.Ingress).toEqual([
      { ...full, Host: 'www.example.com', Path: '/api', DrainDeadline: 5 * SECOND },
    ]);
  });

  it('a preview is said in the block or by tags, for every way in of the service', () => {
    const preview = { PreviewListen: 9091, PreviewHost: 'preview.example.com' };
    const block = { Listen: 8080, PreviewListen: 9091, PreviewHost: 'Preview.example.com' };
    expect(firstService(withService({ Ingress: [block] }))?.Ingress).toEqual([{ ...full, ...preview }]);
    const tags = ['ingress.listen=8080', 'ingress.listen=9090', 'ingress.preview_listen=9091'];
    expect(firstService(withService({ Tags: [...tags, 'ingress.preview_host=preview.example.com'] }))?.Ingress).toEqual(
      [
        { ...full, ...preview },
        { ...full, ...preview, Listen: 9090 },
      ],
    );
  });

  it('follows edited tags, although the blocks made of the old tags are sent back too', () => {
    const service = { Tags: ['ingress.listen=9090'], Ingress: [full] };
    expect(firstService(withService(service))?.Ingress).toEqual([{ ...full, Listen: 9090 }]);
  });

  it('says which tag it cannot read', () => {
    const { problems: previews } = canonicalizeJob(
      withService({ Tags: ['ingress.listen=80', 'ingress.preview_listen=x'] }),
    );
    expect(previews).toEqual(['TaskGroups[0].Services[0].Tags: expected a port in the tag "ingress.preview_listen=x"']);
    const { problems } = canonicalizeJob(withService({ Tags: ['ingress.listen=http', 'ingress.lissen=1'] }));
    expect(problems).toEqual([
      'TaskGroups[0].Services[0].Tags: expected a port in the tag "ingress.listen=http"',
      expect.stringMatching(/^TaskGroups\[0\]\.Services\[0\]\.Tags: the tag "ingress.lissen=1" is not of the form/),
    ]);
    expect(canonicalizeJob(withService({ Tags: ['ingress.host=a.b'] })).problems).toEqual([
      'TaskGroups[0].Services[0].Tags: the tags of an ingress name no port: add the tag "ingress.listen=<port>"',
    ]);
  });

  const everything = {
    TLS: true,
    RedirectListen: 80,
    Protocol: 'h2c',
    SendProxy: 'v2',
    Sticky: 'cookie',
    StickyCookie: 'Who',
    Balance: 'source',
    AuthUsers: 'bob:$1$saltsalt$9xy1btjgzLYfb7hivXtC//',
    AuthRealm: 'My shop',
    AllowFrom: '10.1.0.0/16 10.2.0.5',
    HSTS: 3600 * SECOND,
    CanaryHeader: 'X-Canary',
    CanaryCookie: 'canary',
    CanarySticky: true,
    RequestTimeout: 5 * SECOND,
    IdleTimeout: 0,
    HoldLimit: 7,
  };

  it('keeps what only some services say, and by tags it is the same', () => {
    const block = { ...everything, Listen: 8080, Protocol: 'H2C', SendProxy: 'V2' };
    expect(firstService(withService({ Ingress: [block] }))?.Ingress).toEqual([{ ...full, ...everything }]);
    const tags = ['listen=8080', 'tls=true', 'redirect_listen=80', 'protocol=h2c', 'send_proxy=v2', 'sticky=cookie'];
    const more = ['sticky_cookie=Who', 'request_timeout=5s', 'idle_timeout=0s', 'hold_limit=7'];
    const canary = [
      'canary_header=X-Canary',
      'canary_cookie=canary',
      'canary_sticky=true',
      'allow_from=10.1.0.0/16 10.2.0.5',
      'hsts=1h',
      'balance=source',
      'auth_users=bob:$1$saltsalt$9xy1btjgzLYfb7hivXtC//',
      'auth_realm=My shop',
    ];
    const Tags = [...tags, ...more, ...canary].map((tag) => `ingress.${tag}`);
    expect(firstService(withService({ Tags }))?.Ingress).toEqual([{ ...full, ...everything }]);
  });

  it('may be several in tags: a number tells apart what differs, and the rest holds for all', () => {
    const tags = ['1.listen=80', '1.host=a.com', '2.listen=81', '2.host=b.com', '2.tls=true', 'hold=1s', 'listen=82'];
    expect(firstService(withService({ Tags: tags.map((tag) => `ingress.${tag}`) }))?.Ingress).toEqual([
      { ...full, Listen: 82, Hold: SECOND },
      { ...full, Listen: 80, Host: 'a.com', Hold: SECOND },
      { ...full, Listen: 81, Host: 'b.com', TLS: true, Hold: SECOND },
    ]);
  });
});

describe('values of the wrong type', () => {
  it('every one is named with its path', () => {
    const { problems } = canonicalizeJob({
      Priority: 1.5,
      Datacenters: 'dc1',
      Update: { Stagger: '5 minutes' },
      TaskGroups: [{ Count: 'six', Tasks: [{ Env: { A: ['x'] }, Config: 'sleep' }] }, 'group'],
    });
    expect(problems).toEqual(
      expect.arrayContaining([
        'Priority: expected a whole number, found 1.5',
        'Datacenters: expected a list, found the text "dc1"',
        'Update.Stagger: expected a duration (nanoseconds, or text such as "30s"), found the text "5 minutes"',
        'TaskGroups[0].Count: expected a whole number, found the text "six"',
        'TaskGroups[0].Tasks[0].Env.A: expected text, found a list',
        'TaskGroups[0].Tasks[0].Config: expected an object, found the text "sleep"',
        'TaskGroups[1]: expected an object, found the text "group"',
      ]),
    );
    expect(problems).toHaveLength(7);
  });

  it('a job that is no object is one problem', () => {
    expect(canonicalizeJob([] as JobRequest).problems).toEqual(['Job: expected an object']);
  });
});

it('keys may be spelled in any case and unknown ones are dropped', () => {
  const job = canonical({ id: 'web', taskgroups: [{ name: 'app', COUNT: 4 }], Nonsense: 1 } as JobRequest);
  expect(job.TaskGroups[0]).toMatchObject({ Name: 'app', Count: 4 });
  expect(job).not.toHaveProperty('Nonsense');
});

it('durations may be text', () => {
  const task = canonical({ ID: 'x', TaskGroups: [{ Tasks: [{ KillTimeout: '1m30s' }] }] }).TaskGroups[0]?.Tasks[0];
  expect(task?.KillTimeout).toBe(90 * SECOND);
});

it('a signal that a task needs becomes a constraint of its group, once', () => {
  const request = { ID: 'x', TaskGroups: [{ Tasks: [{ KillSignal: 'SIGUSR1' }, { KillSignal: 'SIGINT' }] }] };
  const once = canonical(request);
  expect(once.TaskGroups[0]?.Constraints).toEqual([
    { LTarget: '${attr.os.signals}', RTarget: 'SIGINT,SIGUSR1', Operand: 'set_contains' },
  ]);
  expect(canonical(once as JobRequest).TaskGroups[0]?.Constraints).toEqual(once.TaskGroups[0]?.Constraints);
});
