/** `job validate`: checks a job file; the agent knows the rules that need more than the file. */
import { type Command, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import { formatWarnings } from '../format/plan.ts';
import { readJobFile } from '../job-file.ts';

export const command: Command = async (context, [path], flags) => {
  const { terminal, client } = context;
  const job = await readJobFile(context, path!, flags);
  const answer = await explaining('Error validating job', client.jobs.validate(job));
  if (answer.Error) throw new UsageError(`Job validation errors:\n${answer.Error}`);
  if (answer.ValidationErrors?.length)
    throw new UsageError(`Job validation errors:\n${starred(answer.ValidationErrors)}`);
  if (answer.Warnings) terminal.print(`${formatWarnings(answer.Warnings, terminal.style)}\n`);
  terminal.print(terminal.style.green('Job validation successful'));
  return 0;
};

const starred = (problems: readonly string[]): string =>
  `${problems.length} error${problems.length === 1 ? '' : 's'} occurred:\n${problems.map((line) => `\t* ${line}`).join('\n')}`;
