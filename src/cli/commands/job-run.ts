/** `job run`: submits a job and watches what comes of it. */
import { ApiError } from '../../api/api-errors.ts';
import type { RegisterView } from '../../api/views.ts';
import type { JobRequest } from '../../model/job.ts';
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import type { Flags } from '../flags.ts';
import { formatJson } from '../format/json.ts';
import { formatWarnings } from '../format/plan.ts';
import { readJobFile } from '../job-file.ts';
import { monitorEvaluation } from '../monitor-evaluation.ts';

export const command: Command = async (context, [path], flags) => {
  const enforceIndex = readCheckIndex(flags);
  const job = await readJobFile(context, path!, flags);
  if (flags.is('output')) {
    context.terminal.print(formatJson({ Job: job }));
    return 0;
  }
  const options = { enforceIndex, preserveCounts: flags.is('preserve-counts') };
  const answer = await explaining('Error submitting job', register(context, job, options));
  if (answer.Warnings) context.terminal.print(`${formatWarnings(answer.Warnings, context.terminal.style)}\n`);
  if (flags.is('detach') || !answer.EvalID) return sayRegistered(context, answer);
  return monitorEvaluation(context, answer.EvalID, { verbose: flags.is('verbose') });
};

function readCheckIndex(flags: Flags): number | undefined {
  const text = flags.text('check-index');
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(
    `Error parsing check-index value "${text}": it must be a whole number, as \`serin plan\` prints it`,
  );
}

/** The wire has no code for a changed index: what it says of one begins with these words. */
const INDEX_CONFLICT = 'Enforcing job modify index';

async function register(
  context: CommandContext,
  job: JobRequest,
  options: { readonly enforceIndex: number | undefined; readonly preserveCounts: boolean },
): Promise<RegisterView> {
  try {
    return await context.client.jobs.register(job, options);
  } catch (error) {
    const isConflict = error instanceof ApiError && error.text.startsWith(INDEX_CONFLICT);
    if (isConflict && options.enforceIndex !== undefined) throw new UsageError(`${error.text}\nJob not updated`);
    throw error;
  }
}

function sayRegistered(context: CommandContext, answer: RegisterView): number {
  context.terminal.print('Job registration successful');
  if (answer.EvalID) context.terminal.print(`Evaluation ID: ${answer.EvalID}`);
  return 0;
}
