/** `job plan`: what submitting a job would change. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import type { Flags } from '../flags.ts';
import { formatPlan, planExitCode } from '../format/plan.ts';
import { readJobFile } from '../job-file.ts';

export const command: Command = async (context, [path], flags) => {
  const diff = flags.is('diff', true);
  const job = await readJobFile(context, path!, flags);
  const plan = await explaining('Error during plan', context.client.jobs.plan(job, { diff }));
  const options = { verbose: flags.is('verbose'), diff, runArguments: runArguments(path!, flags) };
  context.terminal.print(formatPlan(plan, options, context.terminal.style));
  return planExitCode(plan);
};

/** The variables stand in the command that submits the same job. */
function runArguments(path: string, flags: Flags): string {
  const variables = flags.list('var').map((variable) => `-var ${JSON.stringify(variable)}`);
  const files = flags.list('var-file').map((file) => `-var-file ${JSON.stringify(file)}`);
  return [...variables, ...files, path].join(' ');
}
