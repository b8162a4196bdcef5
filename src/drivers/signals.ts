/** Signal names as job files write them ("SIGINT", "int", "SIGUSR1"). */
import { constants } from 'node:os';
import { SerinError } from '../lib/errors.ts';

const NUMBERS: Readonly<Record<string, number>> = constants.signals;

/** "SIGINT" for "sigint", "INT", "SIGINT"; undefined for what is no signal here. */
export function signalName(text: string): NodeJS.Signals | undefined {
  const upper = text.trim().toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  return name in NUMBERS ? (name as NodeJS.Signals) : undefined;
}

export function knownSignal(text: string): NodeJS.Signals {
  const name = signalName(text);
  if (name === undefined) throw new SerinError('driver', `"${text}" is no signal on this machine`);
  return name;
}

export const signalNumber = (name: string): number => NUMBERS[name] ?? 0;

export const signalNames = (): string[] => Object.keys(NUMBERS);

/** Go's words for a signal, which the wire's task events use: "interrupt", "terminated". */
const WORDS: Readonly<Record<string, string>> = {
  SIGHUP: 'hangup',
  SIGINT: 'interrupt',
  SIGQUIT: 'quit',
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGUSR1: 'user defined signal 1',
  SIGUSR2: 'user defined signal 2',
};

export const signalWords = (name: string): string => WORDS[name] ?? name;
