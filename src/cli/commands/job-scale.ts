/** `job scale`: another count for one task group. */
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findJob } from '../lookup.ts';
import { monitorEvaluation } from '../monitor-evaluation.ts';

export const command: Command = async (context, args, flags) => {
  const count = readCount(args.at(-1)!);
  const { ID } = await findJob(context, args[0]!);
  const group = args.length === 3 ? args[1]! : await onlyGroup(context, ID);
  const { EvalID } = await explaining('Error submitting scaling request', context.client.jobs.scale(ID, group, count));
  if (!EvalID) return 0;
  if (!flags.is('detach')) return monitorEvaluation(context, EvalID, { verbose: flags.is('verbose') });
  context.terminal.print(`Evaluation ID: ${EvalID}`);
  return 0;
};

function readCount(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no count: it must be a whole number, 0 or more`);
}

async function onlyGroup(context: CommandContext, id: string): Promise<string> {
  const { data: job } = await explaining('Error querying job', context.client.jobs.read(id));
  const names = job.TaskGroups.map((group) => group.Name);
  if (names.length === 1) return names[0]!;
  throw new UsageError(
    `Job "${id}" has several groups; name one of them:\n${names.map((one) => `  * ${one}`).join('\n')}`,
  );
}
