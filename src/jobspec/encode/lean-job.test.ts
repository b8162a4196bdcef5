/** What goes without saying is left out, and it is the same job all the same. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalizeJob } from '../../model/canonicalize.ts';
import { specChanged } from '../../model/update-kind.ts';
import { parseJobFile } from '../parse-job-file.ts';
import { encodeJob } from './encode-job.ts';
import { leanJob } from './lean-job.ts';

const FOLDER = new URL('../../../testdata/jobspec/', import.meta.url);

const canonical = (text: string) => {
  const { job } = parseJobFile(text, { fileName: 'x' });
  return job && canonicalizeJob(job).job;
};

const JOBS = ['./', './seeds/']
  .flatMap((folder) => readdirSync(new URL(folder, FOLDER)).map((name) => folder + name))
  .filter((name) => name.endsWith('.nomad'))
  .flatMap((name) => {
    const job = canonical(readFileSync(new URL(name, FOLDER), 'utf8'));
    return job && job.TaskGroups.length > 0 ? [{ name, job }] : [];
  });

describe('a stored job, written as a file and read again, is no change of the job', () => {
  it('of which many are tried', () => expect(JOBS.length).toBeGreaterThan(30));

  it.each(JOBS)('$name', ({ job }) => {
    const text = encodeJob(leanJob(job));
    const again = canonical(text);
    expect(again, text).toBeDefined();
    expect(specChanged(job, again!), text).toBe(false);
    expect(text.length).toBeLessThanOrEqual(encodeJob(job as object).length);
  });
});

it('says what a person would have written', () => {
  const text = `job "web" {
  type        = "service"
  datacenters = ["dc1"]

  update {
    max_parallel     = 2
    min_healthy_time = "1s"
  }

  group "app" {
    count = 6

    network {
      port "http" {}
    }

    service {
      name = "web"
      port = "http"
    }

    task "server" {
      driver = "raw_exec"

      config {
        command = "serve"
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
`;
  expect(encodeJob(leanJob(canonical(text)!))).toBe(text);
});
