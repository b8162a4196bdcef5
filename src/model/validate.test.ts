import { describe, expect, it } from 'vitest';
import { canonicalizeJob } from './canonicalize.ts';
import { flatErrors, renderErrors, renderWarnings, topLevelErrors } from './error-tree.ts';
import type { JobRequest } from './job.ts';
import { SECOND } from './nanos.ts';
import { readPlanGoldens } from './plan-goldens.ts';
import { invalidJobError, validateJob } from './validate.ts';

const judge = (request: JobRequest) => validateJob(canonicalizeJob(request).job);
const textOf = (request: JobRequest) => renderErrors(judge(request).errors);
const sentencesOf = (request: JobRequest) => flatErrors(judge(request).errors);

const TASK = { Name: 'server', Driver: 'raw_exec' };
const GROUP = { Name: 'app', Networks: [{ DynamicPorts: [{ Label: 'http' }] }], Tasks: [TASK] };
const JOB = { ID: 'web', Datacenters: ['dc1'], TaskGroups: [GROUP] };

const withJob = (change: object): JobRequest => ({ ...JOB, ...change });
const withGroup = (change: object): JobRequest => withJob({ TaskGroups: [{ ...GROUP, ...change }] });
const withTask = (change: object): JobRequest => withGroup({ Tasks: [{ ...TASK, ...change }] });
const withService = (change: object): JobRequest =>
  withGroup({ Services: [{ Name: 'api', PortLabel: 'http', ...change }] });
const withCheck = (change: object): JobRequest =>
  withService({ Checks: [{ Name: 'c', Type: 'http', Path: '/', Interval: SECOND, Timeout: SECOND, ...change }] });
const withIngress = (change: object): JobRequest => withService({ Ingress: [{ Listen: 8080, ...change }] });

describe("the text is the wire's", () => {
  const goldens = readPlanGoldens().filter(({ n }) => [21, 81, 163, 191].includes(n));

  it.each(goldens)('$n: $name', ({ request, response }) => {
    expect(textOf(request.Job)).toBe(response);
  });

  it('accepts every job that a peer accepted, with the same warnings', () => {
    for (const { n, request, response } of readPlanGoldens()) {
      if (typeof response === 'string') continue;
      const { errors, warnings } = judge(request.Job);
      expect([n, renderErrors(errors), renderWarnings(warnings)]).toEqual([n, '', response.Warnings]);
    }
  });

  it('a job of nothing but an id', () => {
    expect(textOf({ ID: 'x', Name: 'x' })).toBe(
      '2 errors occurred:\n\t* Missing job datacenters\n\t* Missing job task groups\n\n',
    );
  });

  it('nested three deep', () => {
    const update = { MaxParallel: -1, Canary: -2, HealthyDeadline: 20 * SECOND, ProgressDeadline: SECOND };
    const job = { ...withGroup({ Count: -1 }), Update: { ...update, MinHealthyTime: 3 * SECOND } };
    expect(textOf(job)).toBe(
      '1 error occurred:\n\t* Task group app validation failed: 2 errors occurred:\n' +
        "\t* Task group count can't be negative\n\t* 3 errors occurred:\n" +
        '\t* Max parallel can not be less than zero: -1 < 0\n\t* Canary count can not be less than zero: -2 < 0\n' +
        '\t* Healthy deadline must be less than progress deadline: 20s > 1s\n\n\n\n\n\n',
    );
  });

  it('an unknown health check', () => {
    expect(textOf(withJob({ Update: { HealthCheck: 'foo' } }))).toBe(
      '1 error occurred:\n\t* Task group app validation failed: 1 error occurred:\n' +
        '\t* 1 error occurred:\n\t* Invalid health check given: "foo"\n\n\n\n\n\n',
    );
  });
});

it('a plain job is valid', () => {
  const { errors, warnings } = judge(JOB);
  expect(flatErrors(errors)).toEqual([]);
  expect(warnings).toEqual([]);
  expect(invalidJobError(errors)).toBeUndefined();
});

it('an invalid job answers as the wire does: status 500 and the whole text', () => {
  const error = invalidJobError(judge({ ID: 'x' }).errors);
  expect(error).toMatchObject({ code: 'invalidJob', status: 500 });
  expect(error?.message).toMatch(/^2 errors occurred:/);
});

it('the list of first level errors keeps what stands below each', () => {
  const list = topLevelErrors(judge(withJob({ Datacenters: [], TaskGroups: [{ ...GROUP, Tasks: [] }] })).errors);
  expect(list[0]).toBe('Missing job datacenters');
  expect(list[1]).toMatch(/^Task group app validation failed: 1 error occurred:\n\t\* Missing tasks/);
});

const IN_GROUP = 'Task group app validation failed: ';
const IN_TASK = `${IN_GROUP}Task server validation failed: `;
const IN_CHECK = `${IN_GROUP}Service api validation failed: check "c" invalid: `;
const IN_INGRESS = `${IN_GROUP}Service api validation failed: Ingress 1 validation failed: `;

const CASES: readonly (readonly [string, JobRequest, string | RegExp])[] = [
  ['no id', withJob({ ID: '', Name: 'web' }), 'Missing job ID'],
  ['a space in the id', withJob({ ID: 'a b' }), 'Job ID contains a space'],
  ['an unknown type', withJob({ Type: 'daemon' }), /^Invalid job type: "daemon"/],
  ['a priority out of range', withJob({ Priority: 101 }), /^Job priority must be between \[1, 100\]/],
  ['an empty datacenter', withJob({ Datacenters: [''] }), 'Job datacenter must be non-empty string'],
  ['two groups of one name', withJob({ TaskGroups: [GROUP, GROUP] }), /group app is defined twice, as group 1 and 2/],
  ['a group without a name', withGroup({ Name: '' }), 'Task group 1 validation failed: Missing task group name'],
  ['two tasks of one name', withGroup({ Tasks: [TASK, TASK] }), /Task server is defined twice, as task 1 and 2/],
  [
    'two leaders',
    withGroup({
      Tasks: [
        { ...TASK, Leader: true },
        { ...TASK, Name: 'b', Leader: true },
      ],
    }),
    /Only one/,
  ],
  ['nothing but hooks', withTask({ Lifecycle: { Hook: 'prestart' } }), /needs at least one main task/],
  ['an unknown hook', withTask({ Lifecycle: { Hook: 'before' } }), /invalid hook: before/],
  ['no driver', withTask({ Driver: '' }), `${IN_TASK}Missing task driver`],
  ['a slash in a task name', withTask({ Name: 'a/b' }), /cannot include slashes/],
  ['a signal that is none', withTask({ KillSignal: 'SIGFOO' }), /kill_signal "SIGFOO" is no signal/],
  ['too little memory', withTask({ Resources: { MemoryMB: 5 } }), /minimum MemoryMB value is 10; got 5/],
  ['no cpu', withTask({ Resources: { CPU: 0 } }), /minimum CPU value is 1; got 0/],
  ['cpu and cores', withTask({ Resources: { CPU: 100, Cores: 1 } }), /'cpu' or 'cores' resource, not both/],
  ['a memory limit below the reserve', withTask({ Resources: { MemoryMB: 64, MemoryMaxMB: 32 } }), /should be larger/],
  ['logs larger than the disk', withTask({ LogConfig: { MaxFiles: 100 } }), /log storage \(1000 MB\) must be less/],
  ['no log file', withTask({ LogConfig: { MaxFiles: 0 } }), /minimum number of files is 1; got 0/],
  ['a disk too small', withGroup({ EphemeralDisk: { SizeMB: 5 } }), /minimum DiskMB value is 10; got 5/],
  ['an artifact out of its directory', withTask({ Artifacts: [{ GetterSource: 'x', RelativeDest: '../..' }] }), /esc/],
  ['a template without a source', withTask({ Templates: [{ DestPath: 'a' }] }), /Must specify a source path/],
  ['a mount of an unknown volume', withTask({ VolumeMounts: [{ Volume: 'v', Destination: '/d' }] }), /"v" is not def/],
  ['an unknown restart mode', withGroup({ RestartPolicy: { Mode: 'never' } }), /Unsupported restart mode: "never"/],
  ['a short restart interval', withGroup({ RestartPolicy: { Interval: SECOND } }), /less than 5s \(got 1s\)/],
  [
    'restarts that cannot fit',
    withGroup({ RestartPolicy: { Attempts: 3, Interval: 10 * SECOND, Delay: 5 * SECOND } }),
    /can't restart 3 times in an interval of 10s with a delay of 5s/,
  ],
  ['a short reschedule delay', withGroup({ ReschedulePolicy: { Delay: SECOND } }), /Delay cannot be less than 5s/],
  ['an unknown delay function', withGroup({ ReschedulePolicy: { DelayFunction: 'linear' } }), /Invalid delay function/],
  ['unlimited attempts of 3', withGroup({ ReschedulePolicy: { Attempts: 3 } }), /Unlimited = true is ambiguous/],
  ['auto promote without canaries', withJob({ Update: { AutoPromote: true } }), /requires a Canary count greater/],
  ['min healthy time over deadline', withJob({ Update: { HealthyDeadline: SECOND } }), /Minimum healthy time must be/],
  ['a negative batch interval', withJob({ Update: { BatchInterval: -1 } }), /Batch interval must be zero or greater/],
  [
    'a volume for each instance, and canaries that would share it',
    withGroup({ Volumes: { v: { Type: 'host', Source: 'v', PerAlloc: true } }, Update: { Canary: 1 } }),
    /volume cannot be per_alloc when canaries are in use/,
  ],
  ['a share above all requests', withJob({ Update: { Canary: 1, CanaryWeight: 101 } }), /between 0 and 100, not 101/],
  ['a share below none', withJob({ Update: { Canary: 1, CanaryWeight: -0.5 } }), /between 0 and 100, not -0.5/],
  ['a share without canaries', withJob({ Update: { CanaryWeight: 5 } }), /Canary weight requires a Canary count/],
  ['a surge below zero', withJob({ Update: { MaxSurge: -1 } }), /Max surge can not be less than zero: -1 < 0/],
  [
    'a surge above what nothing limits',
    withJob({ Update: { MaxParallel: 0, MaxSurge: '25%' } }),
    /Max surge can not be used with max_parallel = 0: nothing limits such an update, so there is nothing to surge above/,
  ],
  ['a surge of a system job', withJob({ Type: 'system', Update: { MaxSurge: 1 } }), /jobs of type "service": one of/],
  ['a warm set below zero', withJob({ Update: { Canary: 1, KeepWarm: -SECOND } }), /Keep warm must be zero or .*: -1s/],
  ['a warm set without canaries', withJob({ Update: { KeepWarm: SECOND } }), /Keep warm requires a Canary count/],
  ['a migrate block that cannot be', withGroup({ Migrate: { HealthCheck: 'x' } }), /Invalid health check given: "x"/],
  ['a migrate block of a batch job', withJob({ Type: 'batch', Migrate: {} }), /does not allow migrate block/],
  ['an operator that is none', withJob({ Constraints: [{ LTarget: 'a', RTarget: 'b', Operand: '~' }] }), /Unknown con/],
  ['no operator', withJob({ Constraints: [{ LTarget: 'a', RTarget: 'b' }] }), /Missing constraint operand/],
  [
    'a regular expression that is none',
    withJob({ Constraints: [{ LTarget: 'a', RTarget: '(', Operand: 'regexp' }] }),
    'Constraint 1 validation failed: Regular expression failed to compile: (',
  ],
  [
    'a version constraint that is none',
    withGroup({ Constraints: [{ LTarget: 'a', RTarget: '>= x', Operand: 'version' }] }),
    `${IN_GROUP}Constraint 1 validation failed: Version constraint is invalid: Malformed constraint: >= x`,
  ],
  ['distinct hosts of a task', withTask({ Constraints: [{ Operand: 'distinct_hosts' }] }), /into its group or job/],
  ['a weightless affinity', withJob({ Affinities: [{ LTarget: 'a', RTarget: 'b', Operand: '=', Weight: 0 }] }), /zero/],
  [
    'a heavy affinity',
    withTask({ Affinities: [{ LTarget: 'a', RTarget: 'b', Operand: '=', Weight: 101 }] }),
    /between/,
  ],
  ['a spread of nothing', withJob({ Spreads: [{}] }), /Missing spread attribute/],
  [
    'a spread of more than all',
    withJob({
      Spreads: [
        {
          Attribute: 'a',
          SpreadTarget: [
            { Value: 'x', Percent: 60 },
            { Value: 'y', Percent: 50 },
          ],
        },
      ],
    }),
    /must not be greater than 100; got 110/,
  ],
  [
    'one static port twice',
    withGroup({
      Networks: [
        {
          ReservedPorts: [
            { Label: 'a', Value: 80 },
            { Label: 'b', Value: 80 },
          ],
        },
      ],
    }),
    /Static port 80 of group network \(b\) is already reserved by group network \(a\)/,
  ],
  [
    'one label twice',
    withGroup({ Networks: [{ ReservedPorts: [{ Label: 'a', Value: 80 }], DynamicPorts: [{ Label: 'a' }] }] }),
    /Port label "a" of group network is already in use by group network/,
  ],
  ['a port out of range', withGroup({ Networks: [{ ReservedPorts: [{ Label: 'a', Value: 70000 }] }] }), /70000 is not/],
  [
    'an unknown port label',
    withService({ PortLabel: 'nope' }),
    /label "nope" referenced by services api does not exist/,
  ],
  ['a service name that is none', withService({ Name: '-x' }), /Service name must be valid per RFC 1123/],
  ['a check type that is none', withCheck({ Type: 'ping' }), /^.*type must be "http", "tcp", "script" or "grpc"/],
  ['a check type that is none, and what else is wrong', withCheck({ Type: 'ping', Timeout: 0 }), /missing .* timeout/],
  [
    'a gRPC check without a port',
    withService({ PortLabel: '', Checks: [{ Type: 'grpc', Interval: SECOND, Timeout: SECOND }] }),
    /a grpc check needs a port/,
  ],
  ['an HTTP method that is none', withCheck({ Method: 'GET /' }), /method "GET \/" is no HTTP method/],
  ['statuses that are none', withCheck({ SuccessCodes: '2xx' }), /success_codes must be HTTP statuses.*not "2xx"/],
  ['statuses of TCP', withCheck({ Type: 'tcp', SuccessCodes: '200' }), /success_codes is for checks of type http/],
  ['an HTTP header that is none', withCheck({ Header: { 'a b': ['c'] } }), /header "a b" is no name of an HTTP header/],
  ['a header of two lines', withCheck({ Header: { a: ['b\nc'] } }), /header "a" has a value with control characters/],
  ['a warning after too little', withCheck({ FailuresBeforeWarning: -1 }), /failures_before_warning must be non-neg/],
  [
    'a warning after it is critical',
    withCheck({ FailuresBeforeWarning: 2 }),
    /cannot be higher than failures_before_cr/,
  ],
  ['an HTTP check without a path', withCheck({ Path: '' }), `${IN_CHECK}a check of type http must have a path`],
  ['a check too often', withCheck({ Interval: SECOND / 2 }), `${IN_CHECK}interval (500ms) cannot be lower than 1s`],
  [
    'a check without a timeout',
    withCheck({ Timeout: 0 }),
    /missing required value timeout. Timeout cannot be less than 1s/,
  ],
  ['a script without a command', withCheck({ Type: 'script', TaskName: 'server' }), /must have a valid command/],
  ['a group script without a task', withCheck({ Type: 'script', Command: 'x' }), /in which task it runs/],
  [
    'an ingress without a port',
    withIngress({ Listen: 0 }),
    `${IN_INGRESS}listen must be a port between 1 and 65535, not 0`,
  ],
  ['an ingress mode that is none', withIngress({ Mode: 'udp' }), /mode must be "http" or "tcp", not "udp"/],
  ['an ingress path without a slash', withIngress({ Path: 'api' }), /path must start with "\/": "api"/],
  ['a preview port that is none', withIngress({ PreviewListen: 0 }), /preview_listen must be a port between 1 and/],
  [
    'a preview port of the users',
    withIngress({ PreviewListen: 8080 }),
    /preview_listen must be another port than listen/,
  ],
  ['a preview host that is none', withIngress({ PreviewHost: 'a b' }), /preview_host must be a name such as/],
  ['a preview host of the users', withIngress({ Host: 'a.b', PreviewHost: 'a.b' }), /must be another name than host/],
  ['a preview host of a tcp ingress', withIngress({ Mode: 'tcp', PreviewHost: 'a.b' }), /use preview_listen instead/],
  ['an ingress host that is none', withIngress({ Host: 'a b' }), /host must be a name such as/],
  ['a drain policy that is none', withIngress({ DrainPolicy: 'hurry' }), /drain_policy must be "wait" or "proceed"/],
  ['a protocol that is none', withIngress({ Protocol: 'spdy' }), /protocol must be "http" or "h2c", not "spdy"/],
  ['a PROXY header that is none', withIngress({ SendProxy: 'v3' }), /send_proxy must be "v1" or "v2", not "v3"/],
  ['a stickiness that is none', withIngress({ Sticky: 'ip' }), /sticky must be "cookie", not "ip"/],
  [
    'a balance that is none',
    withIngress({ Balance: 'uri' }),
    /balance must be "leastconn" or .* or "source", not "uri"/,
  ],
  ['users of nobody', withIngress({ AuthUsers: ' ' }), /auth_users names nobody/],
  [
    'a user that is none',
    withIngress({ AuthUsers: '$1$saltsalt$9xy1btjgzLYfb7hivXtC//' }),
    /^((?!9xy1).)*user 1 of auth_users is not of the form name:hash((?!9xy1).)*$/s,
  ],
  ['a user twice', withIngress({ AuthUsers: 'bob:x bob:y' }), /auth_users names "bob" more than once/],
  [
    'a password that takes too long',
    withIngress({ AuthUsers: 'bob:$1$saltsalt$9xy1btjgzLYfb7hivXtC//' + ' ann:$2b$12$OwRVTN' }),
    /the password of "ann" in auth_users cannot be checked, its hash is of bcrypt.*"openssl passwd -6"$/,
  ],
  ['a realm of nobody', withIngress({ AuthRealm: 'Shop' }), /auth_realm asks nobody/],
  [
    'a realm with quotes',
    withIngress({ AuthUsers: 'bob:$1$saltsalt$9xy1btjgzLYfb7hivXtC//', AuthRealm: 'a"b' }),
    /auth_realm must be up to 128 ordinary/,
  ],
  [
    'a password of TCP',
    withIngress({ Mode: 'tcp', AuthUsers: 'bob:$1$saltsalt$9xy1btjgzLYfb7hivXtC//' }),
    /sees no requests: remove auth_users/,
  ],
  ['a network that is none', withIngress({ AllowFrom: '10.0.0.0/8 lb1' }), /allow_from is .* not "lb1"/],
  ['no network at all', withIngress({ AllowFrom: ' ' }), /allow_from is addresses and networks/],
  ['a sticky cookie alone', withIngress({ StickyCookie: 'a' }), /say that as well/],
  ['a sticky cookie that is none', withIngress({ Sticky: 'cookie', StickyCookie: 'a b' }), /must be a cookie's name/],
  ['a negative request timeout', withIngress({ RequestTimeout: -1 }), /request_timeout must be zero or greater/],
  ['a negative idle timeout', withIngress({ IdleTimeout: -1 }), /idle_timeout must be zero or greater/],
  ['a hold limit of none', withIngress({ HoldLimit: 0 }), /hold_limit must be at least 1, not 0: hold = "0s"/],
  ['a redirect to a port without TLS', withIngress({ RedirectListen: 80 }), /it needs tls = true and mode "http"/],
  ['a redirect port that is none', withIngress({ TLS: true, RedirectListen: 0 }), /redirect_listen must be a port/],
  ['a redirect to itself', withIngress({ TLS: true, RedirectListen: 8080 }), /must be a port of its own, not 8080/],
  ['requests of TCP', withIngress({ Mode: 'tcp', Sticky: 'cookie' }), /sees no requests: remove sticky/],
  ['a choice of requests of TCP', withIngress({ Mode: 'tcp', CanaryHeader: 'x' }), /remove canary_header/],
  ['a canary header that is none', withIngress({ CanaryHeader: 'x y' }), /canary_header must be the name of a header/],
  ['a canary header of the proxy', withIngress({ CanaryHeader: 'Host' }), /of a header of your own/],
  ['a canary cookie that is none', withIngress({ CanaryCookie: 'a;b' }), /canary_cookie must be a cookie's name/],
  [
    'one cookie for two things',
    withIngress({ Sticky: 'cookie', StickyCookie: 'a', CanaryCookie: 'a' }),
    /canary_cookie and sticky_cookie must be two cookies/,
  ],
  ['a path of TCP', withIngress({ Mode: 'tcp', Path: '/api' }), /sees neither host nor path/],
  ['an ingress of a service without a port', withService({ PortLabel: '', Ingress: [{ Listen: 80 }] }), /needs a port/],
  ['a periodic service', withJob({ Periodic: { Spec: '* * * * *' } }), /Periodic can only be used/],
  ['a cron line that is none', withJob({ Type: 'batch', Periodic: { Spec: '* *' } }), /it has 2 fields/],
  ['a time zone that is none', withJob({ Type: 'batch', Periodic: { Spec: '@daily', TimeZone: 'Mars' } }), /time zone/],
];

describe('each problem is named', () => {
  it.each(CASES)('%s', (_, request, expected) => {
    const found = sentencesOf(request);
    if (typeof expected === 'string') expect(found).toContain(expected);
    else
      expect(
        found.some((sentence) => expected.test(sentence)),
        found.join('\n'),
      ).toBe(true);
  });
});

describe('routes', () => {
  const service = (name: string, ingress: object) => ({
    Name: name,
    PortLabel: 'http',
    Ingress: [{ Listen: 80, ...ingress }],
  });
  const twoGroups = (first: object, second: object) =>
    withJob({
      TaskGroups: [
        { ...GROUP, Name: 'blue', Services: [first] },
        { ...GROUP, Name: 'green', Services: [second] },
      ],
    });

  it('one service in two groups shares its route', () => {
    expect(sentencesOf(twoGroups(service('api', {}), service('api', {})))).toEqual([]);
  });

  it('two services may share a port by host or path', () => {
    expect(sentencesOf(twoGroups(service('api', { Path: '/api' }), service('web', {})))).toEqual([]);
  });

  it('two services cannot claim one route', () => {
    expect(sentencesOf(twoGroups(service('api', {}), service('web', {})))).toEqual([
      'Services "api" and "web" both claim the ingress *:80/: a route belongs to one service',
    ]);
  });

  it('a preview is a route like any other, of one service, one mode and one purpose', () => {
    const preview = { Listen: 81, PreviewListen: 9091 };
    expect(sentencesOf(twoGroups(service('api', { PreviewListen: 9091 }), service('web', preview)))).toEqual([
      'Services "api" and "web" both claim the ingress *:9091/: a route belongs to one service',
    ]);
    expect(
      sentencesOf(twoGroups(service('api', { PreviewListen: 81 }), service('web', { Listen: 81, Mode: 'tcp' }))),
    ).toEqual([
      'Services "api" and "web" both claim the ingress port 81: a route belongs to one service',
      'Services "api" and "web" use the ingress port 81 in different modes: http and tcp',
    ]);
    expect(sentencesOf(twoGroups(service('api', { PreviewListen: 81 }), service('api', { Listen: 81 })))).toEqual([
      'Service "api" claims the ingress *:81/ for its users and as a preview: a route leads to one of the two',
    ]);
    expect(sentencesOf(twoGroups(service('api', { PreviewListen: 9091 }), service('api', preview)))).toEqual([]);
    expect(sentencesOf(twoGroups(service('api', { PreviewHost: 'a.b' }), service('web', { Host: 'a.b' })))).toEqual([
      'Services "api" and "web" both claim the ingress a.b:80/: a route belongs to one service',
    ]);
  });

  it('a port that only sends requests on is a route like any other, and speaks no TLS', () => {
    const sentOn = { Listen: 443, TLS: true, RedirectListen: 80 };
    expect(sentencesOf(twoGroups(service('api', sentOn), service('web', { Listen: 80 })))).toEqual([
      'Services "api" and "web" both claim the ingress *:80/: a route belongs to one service',
    ]);
    expect(
      sentencesOf(twoGroups(service('api', sentOn), service('web', { Listen: 80, TLS: true, Path: '/x' }))),
    ).toEqual(['Services "api" and "web" use the ingress port 80 in different modes: http and http over TLS']);
    expect(sentencesOf(twoGroups(service('api', sentOn), service('api', { Listen: 80 })))).toEqual([
      'Service "api" claims the ingress *:80/ for its users and to send on to port 443: a route leads to one of the two',
    ]);
    expect(sentencesOf(twoGroups(service('api', sentOn), service('web', { ...sentOn, Path: '/x' })))).toEqual([]);
  });

  it('services of one name say one thing about their instances, every difference at once', () => {
    const other = { Listen: 81, Hold: SECOND, Protocol: 'h2c' };
    expect(sentencesOf(twoGroups(service('api', {}), service('api', other)))).toEqual([
      'Service "api" says two things about its instances: hold is 10s in one ingress and 1s in another; say the same in all',
      'Service "api" says two things about its instances: protocol is absent in one ingress and "h2c" in another; say the same in all',
    ]);
  });

  it('ways in of one port ask for the same passwords, and say nothing of those', () => {
    const asks = { Host: 'a.b', AuthUsers: 'bob:$1$saltsalt$9xy1btjgzLYfb7hivXtC//' };
    expect(sentencesOf(twoGroups(service('api', {}), service('api', asks)))).toEqual([
      'Service "api" asks for different passwords on port 80: say the same auth_users and auth_realm in every ingress of a port',
    ]);
    expect(sentencesOf(twoGroups(service('api', {}), service('api', { ...asks, Listen: 81 })))).toEqual([]);
  });

  it('one port has one mode', () => {
    expect(sentencesOf(twoGroups(service('api', { Path: '/x' }), service('web', { Mode: 'tcp' })))).toEqual([
      'Services "api" and "web" use the ingress port 80 in different modes: http and tcp',
    ]);
  });
});

describe('warnings', () => {
  it('a batch larger than its group', () => {
    expect(renderWarnings(judge(withJob({ Update: { MaxParallel: 2 } })).warnings)).toMatch(
      /^1 warning\(s\):\n\n\* Group "app" has warnings: 1 error occurred:\n\t\* Update max parallel .* \(2 > 1\)/,
    );
  });

  it('a batch interval that never comes to bear', () => {
    expect(judge(withJob({ Update: { MaxParallel: 0, BatchInterval: SECOND } })).warnings[0]).toMatch(/no effect/);
  });

  const staticPort = { Networks: [{ ReservedPorts: [{ Label: 'http', Value: 8080 }] }] };
  const preview = { Services: [{ Name: 'api', PortLabel: 'http', Ingress: [{ Listen: 80, PreviewListen: 81 }] }] };
  it.each<[string, object, RegExp[]]>([
    [
      'a surge beside a whole second set',
      { Update: { Canary: 1, MaxSurge: 1 } },
      [/canaries as instances \(1 of 1\).*no effect/],
    ],
    ['a surge of nothing beside one', { Update: { Canary: 1, MaxSurge: '0%' } }, []],
    [
      'a surge with a static port',
      { ...staticPort, Update: { MaxSurge: 1 } },
      [/needs a node whose port 8080 is free/],
    ],
    [
      'a warm set of few canaries',
      { Count: 2, Update: { Canary: 1, KeepWarm: SECOND } },
      [/only when canary is at least count/],
    ],
    [
      'a warm set with a static port',
      { ...staticPort, Update: { Canary: 1, KeepWarm: SECOND } },
      [/different nodes whose port 8080/],
    ],
    ['a warm set', { Update: { Canary: 1, KeepWarm: SECOND } }, []],
    ['a preview without canaries', preview, [/"api" has a preview but the group no canaries.*never leads anywhere/]],
    ['a preview of canaries', { ...preview, Update: { Canary: 1 } }, []],
    [
      'Meta against the block',
      { Update: { MaxSurge: 1 }, Meta: { 'serin.update.max_surge': '2' } },
      [/Meta serin\.update\.max_surge = "2" is not used: the update block says otherwise/],
    ],
    ['Meta that says what the block says', { Update: { MaxSurge: 1 }, Meta: { 'serin.update.max_surge': '1' } }, []],
  ])('%s', (_, change, expected) => {
    const { errors, warnings } = judge(withGroup(change));
    expect(renderErrors(errors)).toBe('');
    expect(warnings).toEqual(expected.map((each) => expect.stringMatching(each)));
  });

  it('Meta of a job that is never updated', () => {
    const job = withJob({ Type: 'batch', Meta: { 'serin.update.max_surge': '2' } });
    expect(judge(job).warnings).toEqual([
      expect.stringMatching(/has no effect: a job of this type has no update block/),
    ]);
  });

  it('promotion by itself in some groups only', () => {
    const groups = [
      { ...GROUP, Name: 'a', Update: { Canary: 1, AutoPromote: true } },
      { ...GROUP, Name: 'b', Update: { Canary: 1 } },
    ];
    expect(judge(withJob({ TaskGroups: groups })).warnings).toEqual([
      expect.stringMatching(/^auto_promote must be true/),
    ]);
  });
});
