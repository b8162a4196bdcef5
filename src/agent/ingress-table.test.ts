import { expect, it } from 'vitest';
import { newAlloc, newGroup, newIngressService, newJob } from '../scheduler/fixtures.ts';
import { newDeployment, put, testState } from '../server/fixtures.ts';
import { ingressTable } from './ingress-table.ts';

// The rows of a state can be walked once: a planner that walked the jobs twice found none the second time, took every
// canary for one of a job that was gone, and no deployment with canaries went on.
it('a canary is on trial in the table of a real state', async () => {
  const world = await testState();
  const job = newJob({ Version: 1, TaskGroups: [newGroup({ Services: [newIngressService('web')] })] });
  const status = { Service: 'web', PortLabel: 'http', Address: '10.0.0.1', Port: 20001, Checks: [] };
  const canary = newAlloc(job, 0, {
    ID: 'canary',
    ClientStatus: 'running',
    DeploymentID: 'd',
    DeploymentStatus: { Healthy: null, Timestamp: '', Canary: true, ModifyIndex: 0 },
    Services: [{ ...status, Status: 'passing' }],
  });
  const deployment = newDeployment(job, { DesiredCanaries: 1, DesiredTotal: 3 }, { ID: 'd' });
  await put(world.state, { jobs: [job], allocs: [canary], deployments: [deployment] });
  const [frontend] = world.state.view(ingressTable).Frontends;
  const pools = frontend!.Routes[0]!.Backend.Pools;
  expect(pools.find(({ Name }) => Name === 'canary')?.Servers).toMatchObject([{ AllocID: 'canary', State: 'ready' }]);
});
