/**
 * A job file → the job as a client sends it, and everything that is wrong with the file. Pure: files are read and the
 * environment is asked by whoever calls.
 */
import type { JobRequest } from '../model/job.ts';
import { decodeFields } from './decode/decode-block.ts';
import { jobFile } from './decode/job-schema.ts';
import type { Wire } from './decode/schema.ts';
import { type Diagnostic, Diagnostics } from './diagnostic.ts';
import { definitionsOf } from './evaluate/definitions.ts';
import { functionsFor } from './evaluate/functions/all.ts';
import { Budget, BudgetExceeded, type Scope } from './evaluate/scope.ts';
import { bodyOfJson, parseJsonJob } from './json-job-file.ts';
import type { Source } from './source.ts';
import type { Body } from './syntax/ast.ts';
import { parseBody } from './syntax/parse-body.ts';

export interface ParseOptions {
  /** As messages name it. */
  readonly fileName: string;
  /** `-var name=value`. */
  readonly variables?: Readonly<Record<string, string>>;
  /** `-var-file`, the last one wins. */
  readonly variableFiles?: readonly { readonly fileName: string; readonly text: string }[];
  /** Where NOMAD_VAR_name and SERIN_VAR_name are looked up. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** For file("path"); throws when there is no such file. Without it the function says that it cannot be used here. */
  readonly readFile?: (path: string) => string;
}

export interface ParsedJobFile {
  /** Absent when there is an error. Unset keys are null, as clients of the wire send them. */
  readonly job?: JobRequest;
  /** By place in the file. */
  readonly diagnostics: readonly Diagnostic[];
}

export function parseJobFile(text: string, options: ParseOptions): ParsedJobFile {
  const source: Source = { fileName: options.fileName, text: text.replace(/^\ufeff/, '') };
  const diagnostics = new Diagnostics();
  const job = guarded(source, diagnostics, () => readJob(source, options, diagnostics));
  const sorted = diagnostics.sorted();
  return job === undefined || diagnostics.hasErrors ? { diagnostics: sorted } : { job, diagnostics: sorted };
}

function readJob(source: Source, options: ParseOptions, diagnostics: Diagnostics): JobRequest | undefined {
  if (!source.text.trimStart().startsWith('{'))
    return decodeJob(parseBody(source, diagnostics), source, options, diagnostics);
  const json = parseJsonJob(source, diagnostics);
  if (json === undefined || json.kind === 'job') return json?.job;
  const body = bodyOfJson(source, jobFile, diagnostics);
  return body && decodeJob(body, source, options, diagnostics);
}

function decodeJob(
  body: Body,
  source: Source,
  options: ParseOptions,
  diagnostics: Diagnostics,
): JobRequest | undefined {
  const functions = functionsFor(options.readFile);
  const empty: Scope = {
    roots: new Map(),
    outer: undefined,
    diagnostics,
    functions,
    budget: new Budget(),
    keepsUnknown: true,
  };
  const { scope, rest } = definitionsOf(body, empty, options);
  const { jobs } = decodeFields(rest, jobFile, scope);
  return onlyJob((jobs ?? []) as Wire[], body, source, diagnostics);
}

function onlyJob(jobs: readonly Wire[], body: Body, source: Source, diagnostics: Diagnostics): JobRequest | undefined {
  const found = body.blocks.filter((each) => each.type === 'job');
  if (jobs.length === 0 && !diagnostics.hasErrors) {
    const range = { source, start: 0, end: 0 };
    diagnostics.error(
      range,
      'Missing job block',
      'A "job" block is required in a job file.',
      'expected job "name" { … }',
    );
  }
  for (const extra of found.slice(1)) {
    const detail = 'A job file holds one job; put the others into files of their own.';
    diagnostics.error(extra.typeRange, 'Duplicate job block', detail);
  }
  return jobs[0];
}

/** No file may bring its reader down: one that nests or multiplies without bound gets a diagnostic like any other. */
function guarded<Result>(source: Source, diagnostics: Diagnostics, read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    const range = { source, start: 0, end: 0 };
    if (error instanceof BudgetExceeded) {
      const detail = 'The loops and function calls of this file produce more values than a job file may have.';
      diagnostics.error(range, 'Job file too large', detail);
    } else if (error instanceof RangeError) {
      diagnostics.error(range, 'Nested too deeply', 'The expressions of this file nest too deeply, or grow too large.');
    } else throw error;
    return undefined;
  }
}
