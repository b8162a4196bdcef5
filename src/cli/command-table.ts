/**
 * Every command, its arguments and flags, in the order of the help: the groups one after the other. `agent` is added by
 * the entry, since nothing here may load an agent's code.
 */
import type { CommandSpec } from './command.ts';
import { ALLOC_COMMANDS } from './command-groups/alloc.ts';
import { DEPLOYMENT_COMMANDS } from './command-groups/deployment.ts';
import { EVAL_COMMANDS } from './command-groups/eval.ts';
import { INGRESS_COMMANDS } from './command-groups/ingress.ts';
import { JOB_COMMANDS } from './command-groups/job.ts';
import { MARATHON_COMMANDS } from './command-groups/marathon.ts';
import { NODE_COMMANDS } from './command-groups/node.ts';
import { SERVER_COMMANDS } from './command-groups/server.ts';

export const COMMANDS: readonly CommandSpec[] = [
  ...JOB_COMMANDS,
  ...DEPLOYMENT_COMMANDS,
  ...ALLOC_COMMANDS,
  ...EVAL_COMMANDS,
  ...INGRESS_COMMANDS,
  ...NODE_COMMANDS,
  ...SERVER_COMMANDS,
  ...MARATHON_COMMANDS,
  {
    words: 'version',
    summary: 'Prints the version.',
    args: '',
    flags: [],
    example: 'serin version',
    load: () => import('./commands/version.ts'),
  },
];
