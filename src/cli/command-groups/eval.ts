/** The commands of evaluations. */
import type { CommandSpec } from '../command.ts';
import { JSON_FLAGS, VERBOSE } from '../flags.ts';

export const EVAL_COMMANDS: readonly CommandSpec[] = [
  {
    words: 'eval list',
    summary: 'Lists evaluations.',
    args: '',
    flags: [...JSON_FLAGS, VERBOSE],
    example: 'serin eval list',
    load: () => import('../commands/eval-list.ts'),
  },
  {
    words: 'eval status',
    summary: 'Shows an evaluation, and what it could not place.',
    args: '<evaluation>?',
    flags: [{ name: 'monitor', about: 'Watch it until it ends.' }, ...JSON_FLAGS, VERBOSE],
    example: 'serin eval status 3bfab80e',
    load: () => import('../commands/eval-status.ts'),
  },
];
