/** App definitions of all shapes: what was put comes back, and put again it changes nothing. */
import { afterAll, beforeAll, expect, it } from 'vitest';
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
});
