/** What a registration is refused for, and what it warns of, before anything runs. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededIds } from '../lib/ids.ts';
import { silentLog } from '../lib/log.ts';
import { seededRandom } from '../lib/random.ts';
import { settle, VirtualClock } from '../lib/virtual-clock.ts';
import type { JobRequest } from '../model/job.ts';
import { alloc } from '../state/fixtures.ts';
import { State } from '../state/state.ts';
import { openMemoryStorage } from '../state/storage/memory.ts';
import { Server } from './server.ts';

let server: Server;

beforeEach(async () => {
  const state = await State.open(openMemoryStorage(), { freezeRows: true });
  const random = seededRandom('submit');
  const clock = new VirtualClock();
  server = new Server({ state, clock, newId: seededIds(random), random, log: silentLog, breathe: settle });
});
afterEach(() => server.state.close());

function jobWith(id: string, changes: object = {}, services: object[] = [], count = 1): JobRequest {
  return {
    ID: id,
    Name: id,
    Type: 'service',
    Datacenters: ['dc1'],
    TaskGroups: [
      {
        Name: 'web',
        Count: count,
        Networks: [{ DynamicPorts: [{ Label: 'http' }] }],
        Services: services,
        Tasks: [{ Name: 'server', Driver: 'mock', Config: { run_for: '1h' } }],
      },
    ],
    ...changes,
  };
}

const serviceAt = (name: string, ...ingress: object[]) => [{ Name: name, PortLabel: 'http', Ingress: ingress }];
const submit = (Job: JobRequest) => server.registerJob({ Job });

describe('a kind of job that is not run here', () => {
  it.each([
    ['type "system"', { Type: 'system' }, /does not run jobs of type "system"/],
    ['type "sysbatch"', { Type: 'sysbatch' }, /does not run jobs of type "sysbatch"/],
    ['periodic', { Type: 'batch', Periodic: { Enabled: true, Spec: '@daily', SpecType: 'cron' } }, /periodic jobs/],
    ['parameterized', { Type: 'batch', ParameterizedJob: {} }, /parameterized jobs/],
  ])('is refused at submit, plan and validation: %s', async (_kind, changes, sentence) => {
    const job = jobWith('nightly', changes);
    await expect(submit(job)).rejects.toThrow(sentence);
    await expect(server.planJob({ Job: job, Diff: false })).rejects.toThrow(sentence);
    expect(server.validateJob(job).errors.join('\n')).toMatch(sentence);
  });
});

describe('a route that another job has', () => {
  it('is refused, naming the job and its service; nothing is stored', async () => {
    await submit(jobWith('shop', {}, serviceAt('shop', { Listen: 8080 })));
    const taken = jobWith('blog', {}, serviceAt('blog', { Listen: 8080 }));
    await expect(submit(taken)).rejects.toThrow(
      'service "blog" cannot listen on port 8080: job "shop" does already, with service "shop"',
    );
    await expect(server.planJob({ Job: taken, Diff: false })).rejects.toThrow('job "shop" does already');
    expect(server.state.view((tx) => tx.job('default', 'blog'))).toBeUndefined();
  });

  it('may be shared by host and path, but not by modes', async () => {
    await submit(jobWith('shop', {}, serviceAt('shop', { Listen: 8080, Path: '/shop' })));
    await submit(jobWith('blog', {}, serviceAt('blog', { Listen: 8080, Path: '/blog' })));
    await expect(submit(jobWith('db', {}, serviceAt('db', { Listen: 8080, Mode: 'tcp' })))).rejects.toThrow(
      'listens there with service "shop" for http',
    );
  });

  it('is free again once that job is stopped', async () => {
    await submit(jobWith('shop', {}, serviceAt('shop', { Listen: 8080 })));
    await server.deregisterJob('default', 'shop', { purge: false });
    await submit(jobWith('blog', {}, serviceAt('blog', { Listen: 8080 })));
  });

  it('is no hindrance to a new version of the job itself', async () => {
    await submit(jobWith('shop', {}, serviceAt('shop', { Listen: 8080 })));
    await submit(jobWith('shop', { Meta: { v: '2' } }, serviceAt('shop', { Listen: 8080 })));
  });
});

it('a route that a new version no longer has is warned of, in the form of the wire', async () => {
  await submit(jobWith('shop', {}, serviceAt('shop', { Listen: 8080 }, { Listen: 8081 })));
  const answer = await submit(jobWith('shop', {}, serviceAt('shop', { Listen: 8080 })));
  expect(answer.Warnings).toBe(
    '1 warning(s):\n\n* service "shop" no longer listens on port 8081: requests there will be refused',
  );
});

it('a registration that changes nothing is no new version', async () => {
  const first = await submit(jobWith('web'));
  const second = await submit(jobWith('web'));
  expect(second.JobModifyIndex).toBe(first.JobModifyIndex);
  expect(second.EvalID).not.toBe('');
  expect(server.state.view((tx) => tx.job('default', 'web')?.Version)).toBe(0);
});

it('after a purge the number of a version whose instances still end is not given again', async () => {
  const { state } = server;
  await submit(jobWith('web'));
  const row = state.view((tx) => tx.job('default', 'web'))!;
  await state.update((tx) => tx.putAlloc(alloc({ ID: 'a-1', JobID: 'web', JobVersion: row.Version })));
  await server.deregisterJob('default', 'web', { purge: true });
  await submit(jobWith('web', { Meta: { v: '2' } }));
  expect(state.view((tx) => tx.job('default', 'web')?.Version)).toBe(1);
});

it('a job that failed, was purged and is registered again starts anew', async () => {
  const { state } = server;
  await submit(jobWith('web', {}, [], 2));
  const ended = { JobID: 'web', TaskGroup: 'web', ClientStatus: 'failed' as const };
  await state.update((tx) => {
    tx.putAlloc(alloc({ ...ended, ID: 'a-0', Name: 'web.web[0]' }));
    tx.putAlloc(alloc({ ...ended, ID: 'a-1', Name: 'web.web[1]' }));
  });
  await server.deregisterJob('default', 'web', { purge: true });
  await submit(jobWith('web', {}, [], 2));
  const answer = await server.planJob({ Job: jobWith('web', {}, [], 2), Diff: false });
  expect(answer.Annotations.DesiredTGUpdates.web).toMatchObject({ Place: 2, Ignore: 0 });
});

it('a plan of going back needs no canaries, one of going on does', async () => {
  const withCanary = (v: string) => jobWith('web', { Meta: { v }, Update: { Canary: 1, MaxParallel: 1 } }, [], 2);
  await submit(withCanary('1'));
  await server.state.update((tx) => {
    const ran = { JobID: 'web', TaskGroup: 'web', ClientStatus: 'running' as const };
    tx.putAlloc(alloc({ ...ran, ID: 'a-0', Name: 'web.web[0]' }));
    tx.putAlloc(alloc({ ...ran, ID: 'a-1', Name: 'web.web[1]' }));
  });
  const planned = async (back: { readonly RevertOf?: number }) => {
    const { Annotations } = await server.planJob({ Job: withCanary('2'), Diff: false, ...back });
    return Annotations.DesiredTGUpdates.web?.Canary;
  };
  expect([await planned({}), await planned({ RevertOf: 0 })]).toEqual([1, 0]);
});
