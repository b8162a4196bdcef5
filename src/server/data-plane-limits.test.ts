import { expect, it } from 'vitest';
import type { Job } from '../model/job.ts';
import { dataPlaneLimits } from './data-plane-limits.ts';

const jobWith = (...ways: { Mode: string; IdleTimeout?: number }[]): Job => {
  const Services = [{ Name: 'web', Ingress: ways }];
  return { TaskGroups: [{ Services, Tasks: [] }] } as unknown as Job;
};

it('an idle timeout of answers is named where HAProxy carries them, once', () => {
  const job = jobWith({ Mode: 'http', IdleTimeout: 1 }, { Mode: 'http', IdleTimeout: 1 });
  expect(dataPlaneLimits(job, [{ DataPlane: 'embedded' }, { DataPlane: 'haproxy' }])).toEqual([
    expect.stringMatching(/^service "web": idle_timeout holds for WebSockets alone where the ingress is HAProxy/),
  ]);
});

it('nothing is named where nothing is said, or where it is done', () => {
  expect(dataPlaneLimits(jobWith({ Mode: 'http' }), [{ DataPlane: 'haproxy' }])).toEqual([]);
  expect(dataPlaneLimits(jobWith({ Mode: 'tcp', IdleTimeout: 1 }), [{ DataPlane: 'haproxy' }])).toEqual([]);
  expect(dataPlaneLimits(jobWith({ Mode: 'http', IdleTimeout: 1 }), [{ DataPlane: 'embedded' }])).toEqual([]);
});
