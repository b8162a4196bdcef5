/** From the path on the command line to a job: reads the file (or standard input), parses it, says what is wrong with it. */

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { JobRequest } from '../model/job.ts';
import { type CommandContext, UsageError } from './command.ts';
import type { Flags } from './flags.ts';

export async function readJobFile(context: CommandContext, path: string, flags: Flags): Promise<JobRequest> {
  if (flags.is('hcl1')) {
    throw new UsageError(
      '-hcl1 is not supported: Serin reads HCL2 and JSON. Most HCL1 job files are HCL2 as they are.',
    );
  }
  const text = await readText(context, path);
  const { parseJobFile } = await import('../jobspec/parse-job-file.ts');
  const { job, diagnostics } = parseJobFile(text, {
    fileName: path === '-' ? '<stdin>' : path,
    variables: readVariables(flags),
    variableFiles: await readVariableFiles(flags),
    environment: context.environment,
    readFile: (name: string) => readFileSync(name, 'utf8'),
  });
  if (job !== undefined && diagnostics.length === 0) return withScope(job, context);
  const { renderDiagnostics } = await import('../jobspec/render-diagnostics.ts');
  if (job !== undefined) {
    context.terminal.complain(renderDiagnostics(diagnostics));
    return withScope(job, context);
  }
  throw new UsageError(
    `Error getting job struct: Error parsing job file from ${path}:\n${renderDiagnostics(diagnostics)}`,
  );
}

function readVariables(flags: Flags): Record<string, string> {
  const pairs = flags.list('var').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
    throw new UsageError(`-var "${pair}" has no value: write it as -var "name=value"`);
  });
  return Object.fromEntries(pairs);
}

const readVariableFiles = (flags: Flags): Promise<{ fileName: string; text: string }[]> =>
  Promise.all(
    flags.list('var-file').map(async (fileName) => {
      try {
        return { fileName, text: await readFile(fileName, 'utf8') };
      } catch (error) {
        throw new UsageError(`Error getting job struct: Error reading var-file "${fileName}": ${whyUnreadable(error)}`);
      }
    }),
  );

/** The flag names the namespace of a job that does not name one itself. */
function withScope(job: JobRequest, context: CommandContext): JobRequest {
  return context.namespace === undefined || job.Namespace ? job : { ...job, Namespace: context.namespace };
}

async function readText(context: CommandContext, path: string): Promise<string> {
  if (path === '-') return context.terminal.readInput();
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`Error getting job struct: Error getting jobfile from "${path}": ${whyUnreadable(error)}`);
  }
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
};

function whyUnreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return UNREADABLE[code ?? ''] ?? message;
}
