/**
 * App definitions of all shapes: what was put comes back, and put again it changes nothing; and the job file that it is
 * would change nothing either.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeJob } from '../../jobspec/encode/encode-job.ts';
import { parseJobFile } from '../../jobspec/parse-job-file.ts';
import { HEALTH_PROTOCOLS } from '../../marathon/app.ts';
import { convertApp } from '../../marathon/convert.ts';
import { appFiles } from '../../marathon/fixtures.ts';
import { closeAll, type MarathonRig, marathonRig } from './fixture.ts';

let rig: MarathonRig;
beforeAll(async () => {
  rig = await marathonRig();
});
afterAll(closeAll);

it.each(appFiles())('%s', async (name, definition) => {
  const id = `/round/${name}`;
  const put = await rig.call('PUT', `/v2/apps${id}?force=true`, { ...(definition as object), id });
  expect([put.status, put.body]).toEqual([201, expect.stringContaining('deploymentId')]);
  const { app } = (await rig.get(`/v2/apps${id}`)).json;
  for (const partialUpdate of [true, false]) {
    await rig.call('PUT', `/v2/apps${id}?force=true&partialUpdate=${partialUpdate}`, app);
    const { app: after } = (await rig.get(`/v2/apps${id}`)).json;
    expect([after.version, after.versionInfo]).toEqual([app.version, app.versionInfo]);
  }
  expect((await planOf(app)).Diff?.Type).toBe('None');
  expect((await planOf({ ...app, env: { ...app.env, ANOTHER: 'yes' } })).Diff?.Type).toBe('Edited');
});

/** What `serin plan` answers to the file that `serin marathon convert` makes of it. */
async function planOf(app: unknown) {
  const { job } = convertApp(app, { datacenters: ['*'], commandDriver: 'raw_exec' });
  const file = parseJobFile(encodeJob(job), { fileName: 'app.nomad' });
  expect(file.diagnostics).toEqual([]);
  return rig.world.server.planJob({ Job: file.job!, Diff: true });
}

it('the folder has every shape that an app may have', () => {
  const text = JSON.stringify(appFiles());
  const missing = SHAPES.filter((shape) => !text.includes(JSON.stringify(shape)));
  expect(missing).toEqual([]);
});

/** Keys and words, each of which some definition of the folder has. */
const SHAPES: readonly string[] = [
  ...['cmd', 'args', 'user', 'env', 'instances', 'cpus', 'mem', 'disk', 'labels', 'uris', 'fetch', 'dependencies'],
  ...['ports', 'portDefinitions', 'portMappings', 'servicePort', 'requirePorts', 'ipAddress', 'networks'],
  ...['DOCKER', 'MESOS', 'HOST', 'BRIDGE', 'USER', 'container/bridge', 'host'],
  ...['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'UNLIKE', 'MAX_PER'],
  ...HEALTH_PROTOCOLS,
  ...['healthChecks', 'readinessChecks', 'upgradeStrategy', 'killSelection', 'taskKillGracePeriodSeconds'],
  ...['backoffSeconds', 'backoffFactor', 'maxLaunchDelaySeconds', 'unreachableStrategy', 'acceptedResourceRoles'],
  ...['volumes', 'privileged', 'forcePullImage', 'parameters', 'MARATHON_SINGLE_INSTANCE_APP'],
];
