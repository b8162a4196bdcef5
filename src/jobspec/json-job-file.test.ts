/** Job files in JSON, in both spellings. */
import { describe, expect, it } from 'vitest';
import { parseJobFile } from './parse-job-file.ts';
import { headline } from './render-diagnostics.ts';

const parse = (json: unknown) => parseJobFile(JSON.stringify(json, null, 2), { fileName: 'job.json' });

describe('a job file in JSON', () => {
  it('may be what the API takes, with or without its envelope', () => {
    const job = { ID: 'j', Name: 'j', TaskGroups: [{ Name: 'g', Count: 1 }], Meta: { a: '${attr.x}' } };
    expect(parse({ Job: job }).job).toEqual(job);
    expect(parse(job).job).toEqual(job);
  });

  it('may be the language in JSON, labels as keys', () => {
    const file = {
      variable: { dc: { type: 'string', default: 'dc1' } },
      job: {
        web: {
          datacenters: ['${var.dc}'],
          update: { stagger: '10s' },
          group: {
            app: {
              count: 2,
              network: [{ port: { http: { to: 80 } } }],
              task: {
                server: {
                  driver: 'raw_exec',
                  config: { command: '/bin/x', args: ['${NOMAD_PORT_http}'] },
                  env: { A: 1 },
                },
              },
            },
          },
        },
      },
    };
    const { job, diagnostics } = parse(file);
    expect(diagnostics).toEqual([]);
    expect(job).toMatchObject({
      ID: 'web',
      Datacenters: ['dc1'],
      Update: { BatchInterval: 10e9 },
      TaskGroups: [
        {
          Name: 'app',
          Count: 2,
          Networks: [{ DynamicPorts: [{ Label: 'http', To: 80 }] }],
          Tasks: [{ Name: 'server', Config: { command: '/bin/x', args: ['${NOMAD_PORT_http}'] }, Env: { A: '1' } }],
        },
      ],
    });
  });

  it('has its mistakes told with their place', () => {
    const { diagnostics } = parse({ job: { web: { typ: 'service', priority: 'x' } } });
    expect(diagnostics.map(headline)).toEqual([
      'job.json:4,7-12: Unsupported argument; An argument named "typ" is not expected here.',
      'job.json:5,19-22: Incorrect attribute value type; Inappropriate value for attribute "priority": a whole number is required.',
    ]);
  });
});
