/** The commands of nodes. */
import type { CommandSpec } from '../command.ts';
import { JSON_FLAGS, VERBOSE } from '../flags.ts';

export const NODE_COMMANDS: readonly CommandSpec[] = [
  {
    words: 'node status',
    summary: 'Lists nodes, or shows one with its allocations.',
    args: '<node>?',
    flags: [
      { name: 'self', about: 'The node of the agent that is asked.' },
      { name: 'short', about: 'Without events and resources.' },
      { name: 'stats', about: 'With processor, memory and disks of its machine.' },
      { name: 'allocs', about: 'In the list: how many allocations run on each.' },
      ...JSON_FLAGS,
      VERBOSE,
    ],
    example: 'serin node status -self',
    load: () => import('../commands/node-status.ts'),
  },
  {
    words: 'node drain',
    summary: 'Moves the instances of a node elsewhere, as fast as their groups can spare them, or ends that.',
    args: '<node>?',
    flags: [
      { name: 'enable', about: 'Begin, or change a drain that is under way.' },
      { name: 'disable', about: 'End it: who has not left stays, and the node is open to new instances again.' },
      { name: 'monitor', about: 'Watch a drain that is under way.' },
      { name: 'deadline', value: 'duration', about: 'After so long everything that is left goes; 1h unless given.' },
      { name: 'force', about: 'Everything goes at once.' },
      { name: 'no-deadline', about: 'Wait as long as it takes.' },
      { name: 'ignore-system', about: 'Leave instances of system jobs.' },
      { name: 'keep-ineligible', about: 'With -disable: no new instance may come yet.' },
      { name: 'm', value: 'message', about: 'Why; kept with the node.' },
      { name: 'meta', value: 'key=value', repeated: true, about: 'More of that; may be given several times.' },
      { name: 'self', about: 'The node of the agent that is asked.' },
      { name: 'detach', about: 'Return at once instead of watching until the node is empty.' },
      { name: 'yes', about: 'Do not ask.' },
    ],
    example: 'serin node drain -enable -deadline 30m -m maintenance 4d2ba53b',
    load: () => import('../commands/node-drain.ts'),
  },
  {
    words: 'node eligibility',
    summary: 'Opens a node to new instances, or closes it; what runs there stays.',
    args: '<node>?',
    flags: [
      { name: 'enable', about: 'New instances may come.' },
      { name: 'disable', about: 'No new instance may come.' },
      { name: 'self', about: 'The node of the agent that is asked.' },
    ],
    example: 'serin node eligibility -disable 4d2ba53b',
    load: () => import('../commands/node-eligibility.ts'),
  },
];
