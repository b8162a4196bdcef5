/** zdd.py's options, by their short names and their long ones, and its exit statuses. */
import { UsageError } from '../command.ts';
import type { Flags } from '../flags.ts';

export const ZddStatus = {
  refused: 1,
  unknown: 2,
  argument: 3,
  field: 4,
  loadBalancer: 5,
  read: 6,
  create: 7,
  remove: 8,
  change: 9,
} as const;

export interface ZddOptions {
  readonly file: string;
  /** undefined: an instance is drained by whoever stops it. */
  readonly loadBalancer: string | undefined;
  readonly isForced: boolean;
  readonly intervalMs: number;
  readonly initialInstances: number;
  /** Without any progress. */
  readonly maxWaitMs: number;
  readonly goesOn: 'resume' | 'complete-cur' | 'complete-prev' | undefined;
  /** 0: the new colour replaces the old one. */
  readonly newInstances: number;
  readonly isDryRun: boolean;
  readonly isLinear: boolean;
  readonly preKillHook: string | undefined;
}

export function readZddOptions(flags: Flags): ZddOptions {
  const text = (short: string, long: string) => flags.text(short) ?? flags.text(long);
  const isGiven = (short: string, long: string) => flags.is(short) || flags.is(long);
  const file = text('j', 'json');
  if (file === undefined) throw wrong('Which app? Give its definition: -j web.json');
  const ways = (
    [
      ['resume', isGiven('r', 'resume')],
      ['complete-cur', isGiven('c', 'complete-cur')],
      ['complete-prev', isGiven('p', 'complete-prev')],
    ] as const
  ).flatMap(([way, isWanted]) => (isWanted ? [way] : []));
  if (ways.length > 1)
    throw wrong(`-resume, -complete-cur and -complete-prev exclude each other; ${ways.join(', ')} were given`);
  return {
    file,
    loadBalancer: text('l', 'marathon-lb'),
    isForced: isGiven('f', 'force'),
    intervalMs: 1000 * numberOf(text('s', 'step-delay') ?? '1', '-step-delay'),
    initialInstances: countOf(text('i', 'initial-instances') ?? '1', '-initial-instances', 1),
    maxWaitMs: 1000 * numberOf(text('w', 'max-wait') ?? '300', '-max-wait'),
    goesOn: ways[0],
    newInstances: countOf(text('n', 'new-instances') ?? '0', '-new-instances', 0),
    isDryRun: isGiven('d', 'dry-run'),
    isLinear: flags.is('linear-increase'),
    preKillHook: flags.text('pre-kill-hook'),
  };
}

export const wrong = (sentence: string): UsageError => new UsageError(sentence, ZddStatus.argument);

function numberOf(text: string, name: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw wrong(`${name} "${text}" is no number of seconds, such as 5 or 0.5`);
}

function countOf(text: string, name: string, least: number): number {
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw wrong(`${name} "${text}" is no number of instances: it must be a whole number, ${least} or more`);
}
