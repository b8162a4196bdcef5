import { expect, it } from 'vitest';
import type { TaskWorld } from '../drivers/driver.ts';
import type { Node } from '../model/node.ts';
import { allocPaths, taskPaths } from './alloc-dir.ts';
import { buildTaskEnv } from './task-env.ts';
import { sampleAlloc, sampleGroup, sampleJob, sampleTask } from './testing/samples.ts';

const node = { ID: 'n1', Name: 'one', Datacenter: 'dc1', NodeClass: '', Attributes: {}, Meta: {} } as unknown as Node;

const env = (hostEnv: Record<string, string> = {}, world?: TaskWorld) => {
  const task = sampleTask({ Meta: { who: 'task' }, Env: { GREETING: 'I am ${NOMAD_TASK_NAME}', NOMAD_DC: 'mine' } });
  const group = sampleGroup({ Tasks: [task], Meta: { who: 'group', 'the-group': 'g', 'serin.update.max_surge': '1' } });
  const paths = allocPaths('/data', 'a1b2c3d4-0000');
  return buildTaskEnv({
    alloc: sampleAlloc('a1b2c3d4-0000', {
      Name: 'web.app[7]',
      Ports: [
        { Label: 'http', Value: 20_001, To: 80, HostIP: '10.0.0.1' },
        { Label: 'admin-ui', Value: 20_002, To: 0, HostIP: '::1' },
      ],
    }),
    job: sampleJob([group], { Meta: { who: 'job', owner: 'me', 'serin.update.keep_warm': '5m' } }),
    group,
    task,
    node,
    allocPaths: paths,
    taskPaths: taskPaths(paths, 'web'),
    hostEnv,
    world,
  });
};

it('says who the task is, where it is, what it has, and what its job file adds', () => {
  expect(env()).toEqual({
    NOMAD_ALLOC_DIR: '/data/a1b2c3d4-0000/alloc',
    NOMAD_TASK_DIR: '/data/a1b2c3d4-0000/web/local',
    NOMAD_SECRETS_DIR: '/data/a1b2c3d4-0000/web/secrets',
    NOMAD_ALLOC_ID: 'a1b2c3d4-0000',
    NOMAD_SHORT_ALLOC_ID: 'a1b2c3d4',
    NOMAD_ALLOC_NAME: 'web.app[7]',
    NOMAD_ALLOC_INDEX: '7',
    NOMAD_TASK_NAME: 'web',
    NOMAD_GROUP_NAME: 'app',
    NOMAD_JOB_ID: 'web',
    NOMAD_JOB_NAME: 'web',
    NOMAD_DC: 'mine',
    NOMAD_REGION: 'global',
    NOMAD_NAMESPACE: 'default',
    NOMAD_CPU_LIMIT: '100',
    NOMAD_MEMORY_LIMIT: '32',
    NOMAD_IP_http: '10.0.0.1',
    NOMAD_PORT_http: '80',
    NOMAD_ADDR_http: '10.0.0.1:20001',
    NOMAD_HOST_IP_http: '10.0.0.1',
    NOMAD_HOST_PORT_http: '20001',
    NOMAD_HOST_ADDR_http: '10.0.0.1:20001',
    NOMAD_ALLOC_PORT_http: '80',
    NOMAD_IP_admin_ui: '::1',
    NOMAD_PORT_admin_ui: '20002',
    NOMAD_ADDR_admin_ui: '[::1]:20002',
    NOMAD_HOST_IP_admin_ui: '::1',
    NOMAD_HOST_PORT_admin_ui: '20002',
    NOMAD_HOST_ADDR_admin_ui: '[::1]:20002',
    NOMAD_ALLOC_PORT_admin_ui: '20002',
    NOMAD_META_who: 'task',
    NOMAD_META_WHO: 'task',
    NOMAD_META_the_group: 'g',
    NOMAD_META_THE_GROUP: 'g',
    NOMAD_META_owner: 'me',
    NOMAD_META_OWNER: 'me',
    GREETING: 'I am web',
  });
});

it("passes the machine's environment on, but not the agent's secrets", () => {
  const host = { PATH: '/bin', LANG: 'C', NOMAD_TOKEN: 'x', AWS_ACCESS_KEY_ID: 'x', GH_TOKEN: 'x', DB_PASSWORD: 'x' };
  const seen = env(host);
  expect(seen).toMatchObject({ PATH: '/bin', LANG: 'C' });
  for (const name of ['NOMAD_TOKEN', 'AWS_ACCESS_KEY_ID', 'GH_TOKEN', 'DB_PASSWORD']) {
    expect(seen).not.toHaveProperty(name);
  }
});

it("names the folders of the task's own world, where the agent's environment means nothing", () => {
  const world = { allocDir: '/alloc', localDir: '/local', secretsDir: '/secrets', hasHostEnv: false };
  const seen = env({ PATH: '/usr/bin' }, world);
  expect(seen).toMatchObject({ NOMAD_ALLOC_DIR: '/alloc', NOMAD_TASK_DIR: '/local', NOMAD_SECRETS_DIR: '/secrets' });
  expect(seen).not.toHaveProperty('PATH');
});
