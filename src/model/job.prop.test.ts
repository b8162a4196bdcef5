/** Laws of what a client may send: nothing throws, canonical stays canonical, and a job does not differ from itself. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalizeJob } from './canonicalize.ts';
import { diffJobs } from './diff/diff-jobs.ts';
import { flatErrors, renderErrors } from './error-tree.ts';
import type { JobRequest } from './job.ts';
import type { DiffType, JobDiff } from './plan.ts';
import { specChanged, updateKind } from './update-kind.ts';
import { validateJob } from './validate.ts';

const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined, freq: 3 });
const word = fc.constantFrom('', 'a', 'web', 'a-b', 'x/y', '../z', '1');
const number = fc.constantFrom(-1, 0, 1, 2, 80, 300, 5e9, 30e9, 600e9);
const words = fc.array(word, { maxLength: 2 });
const map = fc.dictionary(fc.constantFrom('A', 'b', '__proto__', 'listen'), word, { maxKeys: 2 });

const record = (keys: Record<string, fc.Arbitrary<unknown>>) => fc.record(keys, { requiredKeys: [] });
const updateKeys = record({
  'serin.update.max_surge': fc.constantFrom('2', '10%'),
  'serin.update.batch_interval': fc.constantFrom('0s', '30s'),
}) as fc.Arbitrary<Record<string, string>>;
const list = (of: fc.Arbitrary<unknown>) => maybe(fc.array(of, { maxLength: 2 }));

const constraint = record({
  LTarget: word,
  RTarget: fc.constantFrom('', 'r.*', '(', '>= 1', 'x'),
  Operand: fc.constantFrom('', '=', 'regexp', 'version', 'is_set', 'distinct_hosts', '?'),
  Weight: number,
});
const policy = record({
  Attempts: number,
  Interval: number,
  Delay: number,
  Mode: fc.constantFrom('fail', 'delay', 'x'),
  Unlimited: fc.boolean(),
  DelayFunction: word,
});
const update = record({
  Stagger: number,
  MaxParallel: number,
  HealthCheck: fc.constantFrom('', 'checks', 'x'),
  MinHealthyTime: number,
  HealthyDeadline: number,
  ProgressDeadline: number,
  Canary: number,
  AutoPromote: fc.boolean(),
  BatchInterval: number,
  CanaryWeight: number,
  MaxSurge: fc.constantFrom(0, 2, -1, '25%'),
  KeepWarm: number,
});
const port = record({ Label: word, Value: number, To: number });
const network = record({
  Mode: word,
  ReservedPorts: list(port),
  DynamicPorts: list(port),
  DNS: record({ Servers: words }),
});
const ingress = record({
  PreviewListen: number,
  PreviewHost: word,
  Listen: number,
  Host: word,
  Path: word,
  Mode: fc.constantFrom('http', 'tcp', 'x'),
  TLS: fc.boolean(),
  RedirectListen: number,
  Protocol: fc.constantFrom('http', 'h2c', 'X'),
  SendProxy: fc.constantFrom('v1', 'V2', ''),
  Sticky: fc.constantFrom('cookie', ''),
  StickyCookie: word,
  Balance: fc.constantFrom('source', 'RoundRobin', ''),
  AuthUsers: word,
  AuthRealm: word,
  AllowFrom: word,
  HSTS: number,
  CanaryHeader: word,
  CanaryCookie: word,
  CanarySticky: fc.boolean(),
  RequestTimeout: number,
  HoldLimit: number,
});
const INGRESS_TAGS = [
  'path=/x',
  'hold=1s',
  'preview_listen=81',
  'tls=true',
  '2.listen=82',
  'sticky=cookie',
  'balance=source',
  'auth_users=a:b',
  'hold_limit=3',
  'canary_header=X-Canary',
  'canary_sticky=true',
];
const ingressTags = fc
  .subarray(INGRESS_TAGS)
  .map((tags) => ['a', ...['listen=80', ...tags].map((each) => `ingress.${each}`)]);
const tags = fc.oneof(fc.constantFrom([], ['a']), ingressTags);
const check = record({ Name: word, Type: fc.constantFrom('http', 'tcp', 'script', ''), Path: word, Interval: number });
const service = record({
  Name: word,
  PortLabel: word,
  Tags: tags,
  Checks: list(check),
  Ingress: list(ingress),
  Meta: map,
});
const task = record({
  Name: word,
  Driver: word,
  Config: fc.object({ maxDepth: 2, maxKeys: 3 }),
  Env: map,
  Meta: map,
  Constraints: list(constraint),
  Services: list(service),
  Resources: record({ CPU: number, Cores: number, MemoryMB: number, Networks: list(network) }),
  RestartPolicy: policy,
  KillSignal: fc.constantFrom('', 'SIGTERM', 'x'),
  Lifecycle: record({ Hook: word, Sidecar: fc.boolean() }),
  Templates: list(record({ DestPath: word, ChangeMode: fc.constantFrom('', 'signal', 'noop') })),
  Vault: record({ Policies: words }),
});
const group = record({
  Name: word,
  Count: number,
  Update: update,
  Migrate: record({ MaxParallel: number }),
  RestartPolicy: policy,
  ReschedulePolicy: policy,
  Constraints: list(constraint),
  Affinities: list(constraint),
  Spreads: list(record({ Attribute: word, Weight: number })),
  Networks: list(network),
  Services: list(service),
  Tasks: list(task),
  Meta: updateKeys,
  Volumes: fc.dictionary(word, record({ Type: word, Source: word }), { maxKeys: 1 }),
  Scaling: record({ Min: number, Max: number }),
  ShutdownDelay: number,
});
const request = record({
  ID: word,
  Name: word,
  Type: fc.constantFrom('service', 'batch', 'system', 'x'),
  Datacenters: words,
  Priority: number,
  Update: update,
  Meta: map,
  Constraints: list(constraint),
  TaskGroups: list(group),
  Periodic: record({ Spec: word }),
}) as fc.Arbitrary<JobRequest>;

/** The same shapes with anything in the place of any value. */
const wild = fc
  .tuple(request, fc.dictionary(fc.constantFrom('ID', 'TaskGroups', 'Update', 'Meta', 'Count'), fc.jsonValue()))
  .map(([job, junk]) => ({ ...job, ...junk }) as JobRequest);

const canonical = (from: JobRequest) => canonicalizeJob(from).job;

function swapped(diff: JobDiff): string {
  const other: Partial<Record<string, DiffType>> = { Added: 'Deleted', Deleted: 'Added' };
  const words = JSON.stringify(diff).matchAll(/"Type":"(\w+)"/g);
  return [...words]
    .map(([, word]) => other[word as string] ?? word)
    .sort()
    .join();
}

const typesOf = (diff: JobDiff) =>
  [...JSON.stringify(diff).matchAll(/"Type":"(\w+)"/g)]
    .map(([, word]) => word)
    .sort()
    .join();

describe('for everything that a client may send', () => {
  it('the canonical job of the canonical job is itself', () => {
    fc.assert(
      fc.property(wild, (sent) => {
        const once = canonical(sent);
        expect(canonicalizeJob(once)).toStrictEqual({ job: once, problems: [] });
      }),
    );
  });

  it('anything at all is judged, never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(wild, fc.jsonValue() as fc.Arbitrary<JobRequest>), (sent) => {
        const { errors } = validateJob(canonical(sent));
        expect(flatErrors(errors).every((sentence) => sentence.length > 0)).toBe(true);
        expect(renderErrors(errors) === '').toBe(errors.children.length === 0);
      }),
    );
  });

  it('a job does not differ from itself', () => {
    fc.assert(
      fc.property(request, (sent) => {
        const [a, b] = [canonical(sent), canonical(structuredClone(sent))];
        expect(specChanged(a, b)).toBe(false);
        expect(diffJobs(a, b).Type).toBe('None');
      }),
    );
  });

  it('what is added one way is deleted the other way', () => {
    fc.assert(
      fc.property(request, request, (one, other) => {
        const [a, b] = [canonical(one), canonical(other)];
        expect(swapped(diffJobs(b, a))).toBe(typesOf(diffJobs(a, b)));
      }),
    );
  });

  it('an update is none exactly where the specification is the same', () => {
    fc.assert(
      fc.property(request, request, (one, other) => {
        const [a, b] = [canonical(one), canonical({ ...other, TaskGroups: one.TaskGroups })];
        for (const { Name } of a.TaskGroups) {
          expect(updateKind(a, b, Name) === 'none').toBe(!specChanged(a, b));
        }
      }),
    );
  });
});
