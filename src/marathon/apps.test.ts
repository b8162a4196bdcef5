/** Every app definition under testdata: what was put comes back, and becomes a job that is valid. */
import { describe, expect, it } from 'vitest';
import { canonicalizeJob } from '../model/canonicalize.ts';
import { flatErrors } from '../model/error-tree.ts';
import { validateJob } from '../model/validate.ts';
import { jobOfApp } from './app-to-job.ts';
import { appFiles } from './fixtures.ts';
import { parseApp } from './parse-app.ts';
import { readApp } from './read-app.ts';
import { withServicePorts } from './service-ports.ts';
import { validateApp } from './validate-app.ts';

const OPTIONS = { datacenters: ['dc1'], commandDriver: 'raw_exec' };

function put(json: unknown) {
  const { input } = parseApp(json);
  const app = readApp(input);
  validateApp(app, input);
  return withServicePorts(app, []);
}

describe.each(appFiles())('%s', (_, json) => {
  it('put, read and put again, is the same', () => {
    const app = put(json);
    expect(put(JSON.parse(JSON.stringify(app)))).toEqual(app);
  });

  it('becomes a valid job', () => {
    const { job, problems } = canonicalizeJob(jobOfApp(put(json), OPTIONS));
    expect(problems).toEqual([]);
    expect(flatErrors(validateJob(job).errors)).toEqual([]);
  });

  it('is the same job when it is put again', () => {
    const again = put(JSON.parse(JSON.stringify(put(json))));
    expect(jobOfApp(again, OPTIONS)).toEqual(jobOfApp(put(json), OPTIONS));
  });
});
