/** `job init`: writes a job file that works as it is. */
import { writeFile } from 'node:fs/promises';
import { type Command, UsageError } from '../command.ts';
import { EXAMPLE_JOB } from '../example-job.ts';

const DEFAULT_NAME = 'example.nomad.hcl';

export const command: Command = async ({ terminal }, [name = DEFAULT_NAME], flags) => {
  try {
    await writeFile(name, flags.is('short') ? withoutComments(EXAMPLE_JOB) : EXAMPLE_JOB, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UsageError(`Job file "${name}" already exists; it was left as it is`);
  }
  terminal.print(`Example job file written to ${name}\nTry it: serin job run ${name}`);
  return 0;
};

function withoutComments(text: string): string {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  return lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .replaceAll(/\{\n\n/g, '{\n')
    .trimStart();
}
