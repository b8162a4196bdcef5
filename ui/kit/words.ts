/** How the states of the nouns are shown: one tone each. */
import type { ClientStatus } from '../../src/model/allocation.ts';
import type { DeploymentStatus } from '../../src/model/deployment.ts';
import type { Tone } from './badge.tsx';

export const deploymentTone: Readonly<Record<DeploymentStatus, Tone>> = {
  running: 'busy',
  paused: 'wait',
  blocked: 'wait',
  pending: 'wait',
  unblocking: 'wait',
  failed: 'bad',
  successful: 'good',
  cancelled: 'quiet',
};

export const clientTone: Readonly<Record<ClientStatus, Tone>> = {
  pending: 'busy',
  running: 'good',
  complete: 'quiet',
  failed: 'bad',
  lost: 'bad',
};

export const jobTone: Readonly<Record<string, Tone>> = {
  running: 'good',
  pending: 'busy',
  dead: 'quiet',
};

/** "1 instance", "3 instances". */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Where one is looked for by eye, as the command line shows them. */
export const shortId = (id: string): string => id.slice(0, 8);
