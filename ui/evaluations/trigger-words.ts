/** Why an evaluation was made, as a clause. */
import type { EvalStatus, EvalTrigger } from '../../src/model/evaluation.ts';
import type { Tone } from '../kit/badge.tsx';

const WORDS: Readonly<Record<EvalTrigger, string>> = {
  'job-register': 'a version of the job was registered',
  'job-deregister': 'the job was stopped',
  'periodic-job': 'the time of a periodic job had come',
  'node-drain': 'a node drains',
  'node-update': 'a node came or went',
  'alloc-stop': 'an allocation was stopped by hand',
  scheduled: 'it was planned for later',
  'rolling-update': 'the next batch of an update',
  'deployment-watcher': 'a deployment went on',
  'failed-follow-up': 'an earlier one failed',
  'max-plan-attempts': 'an earlier one met too many conflicts',
  'alloc-failure': 'an allocation failed',
  'queued-allocs': 'allocations wait for room',
  'job-scaling': 'the job was scaled',
  'max-disconnect-timeout': 'an instance of a lost node was waited for long enough',
};

export const triggerWords = (trigger: string): string =>
  (WORDS as Readonly<Record<string, string>>)[trigger] ?? trigger;

export const evalTone: Readonly<Record<EvalStatus, Tone>> = {
  pending: 'busy',
  blocked: 'wait',
  complete: 'good',
  failed: 'bad',
  canceled: 'quiet',
};

export const evalStatusWords: Readonly<Record<EvalStatus, string>> = {
  pending: 'The scheduler has yet to look at it.',
  blocked: 'It waits until there is room on a node.',
  complete: 'The scheduler did what could be done.',
  failed: 'The scheduler gave up; another one follows by itself.',
  canceled: 'A newer one took its place.',
};
