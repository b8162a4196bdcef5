/** The commands of the ways in: who gets requests, and what a person sets for an instance. */
import type { CommandSpec } from '../command.ts';
import { type FlagSpec, JSON_FLAGS, VERBOSE } from '../flags.ts';

const WAIT_FOR_INGRESS: FlagSpec = {
  name: 'wait',
  about: 'Wait until every ingress has done it; for a drain, until nothing is in flight.',
};

const POOL: FlagSpec = {
  name: 'pool',
  value: 'service',
  about: 'The service: "oinker", "oinker/web" or "default/oinker/web".',
};

export const INGRESS_COMMANDS: readonly CommandSpec[] = [
  {
    words: 'ingress status',
    summary: 'Shows every way in, the pools behind it and their instances: state, weight, requests, in flight.',
    args: '',
    flags: [...JSON_FLAGS, VERBOSE],
    example: 'serin ingress status',
    load: () => import('../commands/ingress-status.ts'),
  },
  {
    words: 'ingress drain',
    summary: 'Sends nothing new to an instance, whatever its health; what is in flight ends.',
    args: '<allocation>',
    flags: [WAIT_FOR_INGRESS],
    example: 'serin ingress drain -wait 8a1b2c3d',
    load: () => import('../commands/ingress-drain.ts'),
  },
  {
    words: 'ingress ready',
    summary: 'Takes back what `ingress drain` and `ingress weight` set for an instance.',
    args: '<allocation>',
    flags: [WAIT_FOR_INGRESS],
    example: 'serin ingress ready 8a1b2c3d',
    load: () => import('../commands/ingress-ready.ts'),
  },
  {
    words: 'ingress weight',
    summary:
      'Gives an instance another part of the requests than the others of its pool, in percent of an ordinary one.',
    args: '<allocation> <percent>',
    flags: [],
    example: 'serin ingress weight 8a1b2c3d 50',
    load: () => import('../commands/ingress-weight.ts'),
  },
  {
    words: 'ingress add',
    summary: 'Puts an instance behind the service of another job or group, beside the instances that are there.',
    args: '<allocation>',
    flags: [POOL, WAIT_FOR_INGRESS],
    example: 'serin ingress add -pool oinker -wait 8a1b2c3d',
    load: () => import('../commands/ingress-add.ts'),
  },
  {
    words: 'ingress remove',
    summary: 'Takes an instance out of a service that `ingress add` put it behind.',
    args: '<allocation>',
    flags: [POOL],
    example: 'serin ingress remove -pool oinker 8a1b2c3d',
    load: () => import('../commands/ingress-remove.ts'),
  },
];
