/** Which ways in belong to whom. */
import { describe, expect, it } from 'vitest';
import type { Job } from '../model/job.ts';
import type { ServiceIngress } from '../model/service.ts';
import { newGroup, newIngressService, newJob } from '../scheduler/fixtures.ts';
import { put, read, testState } from './fixtures.ts';
import { refuseTakenRoutes, routeWarnings } from './routes.ts';

function jobWith(ID: string, ...routes: Partial<ServiceIngress>[]): Job {
  const service = newIngressService(ID);
  const Ingress = routes.map((route) => ({ ...service.Ingress![0]!, ...route }));
  return newJob({ ID, TaskGroups: [newGroup({ Services: [{ ...service, Ingress }] })] });
}

describe('a route', () => {
  it.each<[string, Partial<ServiceIngress>, boolean]>([
    ['is taken on the same port, host and path', {}, true],
    ['is free on another port', { Listen: 9090 }, false],
    ['is free for another host', { Host: 'b.example.com' }, false],
    ['is free for another path', { Path: '/b' }, false],
    ['is taken in another mode, whatever host and path say', { Mode: 'tcp', Path: '/b' }, true],
  ])('%s', async (_, route, taken) => {
    const world = await testState();
    await put(world.state, { jobs: [jobWith('a', { Host: 'a.example.com' })] });
    const check = () => read(world, (tx) => refuseTakenRoutes(tx, jobWith('b', { Host: 'a.example.com', ...route })));
    if (taken) expect(check).toThrow('job "a"');
    else expect(check).not.toThrow();
  });

  it.each<[string, Partial<ServiceIngress>, Partial<ServiceIngress>, string | undefined]>([
    ['previews where another job listens', { Listen: 9091 }, { Listen: 80, PreviewListen: 9091 }, 'port 9091: job "a"'],
    ['listens where another job previews', { PreviewListen: 9091 }, { Listen: 9091 }, 'port 9091: job "a"'],
    ['previews for a host of another job', { Host: 'a.b' }, { Host: 'c.d', PreviewHost: 'a.b' }, 'for a.b/: job "a"'],
    [
      'previews in another mode',
      { Listen: 9091, Mode: 'tcp' },
      { Listen: 80, PreviewListen: 9091 },
      '9091 for http, but job',
    ],
    ['previews elsewhere', { PreviewListen: 9091 }, { Listen: 80, PreviewListen: 9092 }, undefined],
  ])('is judged for a job that %s', async (_, theirs, ours, refusal) => {
    const world = await testState();
    await put(world.state, { jobs: [jobWith('a', theirs)] });
    const check = () => read(world, (tx) => refuseTakenRoutes(tx, jobWith('b', ours)));
    if (refusal) expect(check).toThrow(refusal);
    else expect(check).not.toThrow();
  });

  it('of the same name of a job in another namespace is another one', async () => {
    const world = await testState();
    await put(world.state, { jobs: [{ ...jobWith('a', {}), Namespace: 'staging' }] });
    expect(() => read(world, (tx) => refuseTakenRoutes(tx, jobWith('a', {})))).toThrow('listen on port 8080');
  });

  it.each<[string, string, string, Partial<ServiceIngress>, RegExp | undefined]>([
    ['of apps of one deployment group is shared', 'web', 'web', {}, undefined],
    ['of apps of two deployment groups is not', 'web', 'api', {}, /job "blue" does already/],
    ['of one in a group and one in none is not', 'web', '', {}, /job "blue" does already/],
    ['is shared in one mode alone', 'web', 'web', { Mode: 'tcp' }, /choose another port/],
  ])('%s', async (_, theirs, ours, way, refusal) => {
    const world = await testState();
    const inGroup = (job: Job, HAPROXY_DEPLOYMENT_GROUP: string): Job => {
      const labels = { HAPROXY_DEPLOYMENT_GROUP };
      return { ...job, Marathon: { App: { labels }, Version: '', LastScalingAt: '', LastConfigChangeAt: '' } };
    };
    await put(world.state, { jobs: [inGroup(jobWith('blue', {}), theirs)] });
    const check = () => read(world, (tx) => refuseTakenRoutes(tx, inGroup(jobWith('green', way), ours)));
    if (refusal) expect(check).toThrow(refusal);
    else expect(check).not.toThrow();
  });

  it('that is refused several times over is told once each, all at once', async () => {
    const world = await testState();
    await put(world.state, { jobs: [jobWith('a', {}, { Listen: 9090 })] });
    const check = () => read(world, (tx) => refuseTakenRoutes(tx, jobWith('b', {}, {}, { Listen: 9090 })));
    expect(check).toThrow(/^[^\n]+port 8080[^\n]+\n[^\n]+port 9090[^\n]+$/);
  });
});

describe('a way in that goes', () => {
  const two = jobWith('a', {}, { Host: 'a.example.com', Path: '/shop' });
  it.each<[string, Job | undefined, Job, string[]]>([
    ['is told with port, host and path', two, jobWith('a', {}), ['port 8080 for a.example.com/shop']],
    ['is told where all go', two, newJob(), ['port 8080', 'port 8080 for a.example.com/shop']],
    ['is not told where it only changes its service', two, two, []],
    ['is not told of a new job', undefined, two, []],
    ['is not told of one that was stopped', { ...two, Stop: true }, newJob(), []],
  ])('%s', (_, current, next, routes) => {
    expect(routeWarnings(current, next)).toEqual(
      routes.map((route) => `service "a" no longer listens on ${route}: requests there will be refused`),
    );
  });
});
