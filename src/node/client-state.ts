/**
 * What a node must know after a SIGKILL: one JSON file per allocation and one per job version, replaced by rename.
 * They are not flushed to the disk: what they describe, running processes, does not survive a power cut either.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Allocation } from '../model/allocation.ts';
import type { Job } from '../model/job.ts';
import type { CheckState } from './check-state.ts';
import type { SavedTask } from './task-runner.ts';

/** The verdict on an allocation's health, for the deployment that it was made for. */
export interface SavedHealth {
  readonly deploymentId: string;
  readonly deadlineMs: number;
  readonly verdict: { readonly Healthy: boolean; readonly TimestampMs: number } | null;
  readonly acknowledged: boolean;
}

export interface SavedAlloc {
  readonly alloc: Allocation;
  readonly tasks: Readonly<Record<string, SavedTask>>;
  readonly checks: Readonly<Record<string, CheckState>>;
  readonly health: SavedHealth | null;
}

const VERSION = 1;

export class ClientState {
  readonly #dir: string;
  readonly #log: Log;
  readonly #jobs = new Set<string>();

  constructor(dir: string, log: Log) {
    this.#dir = dir;
    this.#log = log;
    mkdirSync(join(dir, 'allocs'), { recursive: true, mode: 0o700 });
    mkdirSync(join(dir, 'jobs'), { recursive: true, mode: 0o700 });
  }

  /** The id of that name, made the first time. */
  identity(name: string, make: () => string): string {
    const file = join(this.#dir, name);
    if (existsSync(file)) return readFileSync(file, 'utf8').trim();
    const id = make();
    replace(file, id);
    return id;
  }

  save(saved: SavedAlloc, job: Job): void {
    const jobFile = jobFileName(job);
    if (!this.#jobs.has(jobFile)) {
      replace(join(this.#dir, 'jobs', jobFile), JSON.stringify(job));
      this.#jobs.add(jobFile);
    }
    replace(this.#allocFile(saved.alloc.ID), JSON.stringify({ version: VERSION, jobFile, ...saved }));
  }

  remove(allocId: string): void {
    rmSync(this.#allocFile(allocId), { force: true });
  }

  /** A file that cannot be read is named in the log and left where it is. */
  load(): { readonly saved: SavedAlloc; readonly job: Job }[] {
    const files = readdirSync(join(this.#dir, 'allocs')).filter((file) => file.endsWith('.json'));
    return files.flatMap((file) => {
      try {
        const { jobFile, version, ...saved } = JSON.parse(readFileSync(join(this.#dir, 'allocs', file), 'utf8'));
        if (version !== VERSION) throw new Error(`it has format ${version}, this agent reads ${VERSION}`);
        const job = JSON.parse(readFileSync(join(this.#dir, 'jobs', jobFile), 'utf8')) as Job;
        this.#jobs.add(jobFile);
        return [{ saved: saved as SavedAlloc, job }];
      } catch (error) {
        this.#log.error({ file, error: messageOf(error) }, 'saved allocation cannot be read');
        return [];
      }
    });
  }

  /** Removes the jobs that no allocation names any more. */
  removeJobsExcept(jobs: readonly Job[]): void {
    const wanted = new Set(jobs.map(jobFileName));
    for (const file of [...this.#jobs].filter((each) => !wanted.has(each))) {
      rmSync(join(this.#dir, 'jobs', file), { force: true });
      this.#jobs.delete(file);
    }
  }

  #allocFile(allocId: string): string {
    return join(this.#dir, 'allocs', `${allocId}.json`);
  }
}

function jobFileName(job: Job): string {
  const key = `${job.Namespace}\0${job.ID}\0${job.Version}\0${job.CreateIndex}`;
  return `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`;
}

function replace(file: string, text: string): void {
  const next = `${file}.new`;
  writeFileSync(next, text, { mode: 0o600 });
  renameSync(next, file);
}
