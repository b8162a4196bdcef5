/** The commands of servers. */
import type { CommandSpec } from '../command.ts';

export const SERVER_COMMANDS: readonly CommandSpec[] = [
  {
    words: 'server members',
    summary: 'Lists the servers and which one leads.',
    args: '',
    flags: [{ name: 'detailed', about: 'Also their tags.' }],
    example: 'serin server members',
    load: () => import('../commands/server-members.ts'),
  },
];
