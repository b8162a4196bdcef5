import { expect, it } from 'vitest';
import { newService } from '../../scheduler/fixtures.ts';
import { goldenAlloc, goldenJob, goldenNode, seed, testApi } from '../fixture.ts';

it('a service lists the instances that may take traffic', async () => {
  const api = await testApi();
  await seed(api.state);
  const status = { Service: 'web', PortLabel: 'http', Address: '127.0.0.1', Port: 20001, Checks: [] };
  await api.state.update((tx) => {
    tx.putAlloc(goldenAlloc({ Services: [{ ...status, Status: 'passing' }] }));
    tx.putAlloc(
      goldenAlloc({
        ID: '00000000-0000-0000-0000-000000000001',
        Services: [{ ...status, Port: 20002, Status: 'critical' }],
      }),
    );
  });
  const alloc = api.state.view((tx) => tx.alloc(goldenAlloc().ID));
  expect((await api.get('/v1/services')).json()).toEqual([
    { Namespace: 'default', Services: [{ ServiceName: 'web', Tags: [] }] },
  ]);
  expect((await api.get('/v1/service/web')).json()).toEqual([
    {
      ID: `_nomad-task-${goldenAlloc().ID}-group-app-web-http`,
      ServiceName: 'web',
      Namespace: 'default',
      NodeID: goldenNode().ID,
      Datacenter: 'dc1',
      JobID: goldenJob().ID,
      AllocID: goldenAlloc().ID,
      Tags: [],
      Address: '127.0.0.1',
      Port: 20001,
      CreateIndex: alloc?.CreateIndex,
      ModifyIndex: alloc?.ModifyIndex,
    },
  ]);
  expect((await api.get('/v1/service/nosuch')).body).toBe('[]');
  await api.app.close();
});

it('canary_tags take the place of tags for as long as an instance is a canary, and no longer', async () => {
  const api = await testApi();
  await seed(api.state);
  const job = goldenJob();
  const service = newService('web', { Tags: ['live'], CanaryTags: ['trial'] });
  const status = { Service: 'web', PortLabel: 'http', Address: '127.0.0.1', Port: 20001, Checks: [] };
  const health = { Healthy: true, Timestamp: '2026-11-20T16:16:40Z', ModifyIndex: 0 };
  const tagsWhere = async (Canary: boolean): Promise<unknown> => {
    await api.state.update((tx) => {
      const DeploymentStatus = { ...health, Canary };
      tx.putAlloc(goldenAlloc({ DeploymentStatus, Services: [{ ...status, Status: 'passing' }] }));
    });
    return (await api.get('/v1/service/web')).json<{ Tags: string[] }[]>().map(({ Tags }) => Tags);
  };
  await api.state.update((tx) => tx.putJob({ ...job, TaskGroups: [{ ...job.TaskGroups[0]!, Services: [service] }] }));
  expect(await tagsWhere(true)).toEqual([['trial']]);
  expect(await tagsWhere(false)).toEqual([['live']]);
  await api.app.close();
});
