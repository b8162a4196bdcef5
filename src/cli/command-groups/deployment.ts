/** The commands of deployments. */
import type { CommandSpec } from '../command.ts';
import { DETACH, JSON_FLAGS, VERBOSE } from '../flags.ts';

export const DEPLOYMENT_COMMANDS: readonly CommandSpec[] = [
  {
    words: 'deployment list',
    summary: 'Lists deployments.',
    args: '',
    flags: [...JSON_FLAGS, VERBOSE],
    example: 'serin deployment list',
    load: () => import('../commands/deployment-list.ts'),
  },
  {
    words: 'deployment status',
    summary: 'Shows a deployment, and what it waits for or why it failed.',
    args: '<deployment id>?',
    flags: [{ name: 'monitor', about: 'Watch it until it ends.' }, ...JSON_FLAGS, VERBOSE],
    example: 'serin deployment status -monitor 9e0b62bd',
    load: () => import('../commands/deployment-status.ts'),
  },
  {
    words: 'deployment fail',
    summary: 'Ends a deployment as failed.',
    args: '<deployment id>',
    flags: [DETACH, VERBOSE],
    example: 'serin deployment fail 9e0b62bd',
    load: () => import('../commands/deployment-fail.ts'),
  },
  {
    words: 'deployment pause',
    summary: 'Pauses a deployment: no further instance moves to its version, and its deadline waits.',
    args: '<deployment id>',
    flags: [VERBOSE],
    example: 'serin deployment pause 9e0b62bd',
    load: () => import('../commands/deployment-pause.ts'),
  },
  {
    words: 'deployment resume',
    summary: 'Resumes a paused deployment.',
    args: '<deployment id>',
    flags: [DETACH, VERBOSE],
    example: 'serin deployment resume 9e0b62bd',
    load: () => import('../commands/deployment-resume.ts'),
  },
  {
    words: 'deployment promote',
    summary: 'Promotes the canaries of a deployment; the rest of their groups follows.',
    args: '<deployment id>',
    flags: [
      { name: 'group', value: 'name', repeated: true, about: 'Only this group; may be given several times.' },
      DETACH,
      VERBOSE,
    ],
    example: 'serin deployment promote -group app 9e0b62bd',
    load: () => import('../commands/deployment-promote.ts'),
  },
  {
    words: 'deployment weight',
    summary: 'Changes the percentage of the requests that canaries get before they are promoted.',
    args: '<deployment id> <percent>',
    flags: [{ name: 'group', value: 'name', repeated: true, about: 'Only this group; may be given several times.' }],
    example: 'serin deployment weight 9e0b62bd 25',
    load: () => import('../commands/deployment-weight.ts'),
  },
  {
    words: 'deployment unblock',
    summary: 'Refused unless the deployment is blocked, as only multi-region ones can be.',
    args: '<deployment id>',
    flags: [DETACH, VERBOSE],
    example: 'serin deployment unblock 9e0b62bd',
    load: () => import('../commands/deployment-unblock.ts'),
  },
];
