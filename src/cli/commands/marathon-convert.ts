/** `marathon convert`: the job file that an app becomes. Asks nobody. */
import type { Document } from '../../api/marathon-views.ts';
import { encodeJob } from '../../jobspec/encode/encode-job.ts';
import { convertApp } from '../../marathon/convert.ts';
import { MarathonProblem } from '../../marathon/problems.ts';
import { type Command, UsageError } from '../command.ts';
import type { Flags } from '../flags.ts';
import { readDocument } from '../marathon-input.ts';

export const command: Command = async (context, [path], flags) => {
  const { job, warnings } = convert(unwrapped(await readDocument(context, path, 'app')), flags);
  for (const warning of warnings) context.terminal.complain(`Warning: ${warning}`);
  context.terminal.write(encodeJob(job));
  return 0;
};

function convert(app: unknown, flags: Flags) {
  const datacenters = flags.list('datacenter');
  try {
    return convertApp(app, {
      datacenters: datacenters.length > 0 ? datacenters : ['*'],
      commandDriver: flags.text('driver') ?? 'raw_exec',
    });
  } catch (error) {
    if (!(error instanceof MarathonProblem)) throw error;
    const problems = error.problems.map(({ path, error: what }) => `${path}: ${what}`).join('; ');
    throw new UsageError(`Error: ${error.message}: ${problems}`);
  }
}

/** What /v2/apps/<id> answers is an app as well. */
function unwrapped(document: Document): unknown {
  if ('groups' in document || Array.isArray(document['apps'])) {
    throw new UsageError('This is a group; a job file holds one job: convert each of its apps by itself.');
  }
  return 'app' in document && !('id' in document) ? document['app'] : document;
}
