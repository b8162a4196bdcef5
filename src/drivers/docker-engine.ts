/** What an engine, or the way to it, answers when something fails; in words that are fit for a task event. */
import type Docker from 'dockerode';
import { messageOf, SerinError } from '../lib/errors.ts';

export type Engine = Docker;

/** What the engine or the way to it answers when something fails. */
interface EngineFailure {
  readonly statusCode?: number;
  readonly code?: string;
  readonly json?: { readonly message?: string } | null;
}

const failureOf = (error: unknown): EngineFailure => (typeof error === 'object' && error !== null ? error : {});

export const isNotFound = (error: unknown): boolean => failureOf(error).statusCode === 404;
/** The object is in a state in which this cannot be done, or its name is taken. */
export const isConflict = (error: unknown): boolean => failureOf(error).statusCode === 409;
/** No engine answered: nobody knows what it would have said. */
export const isUnreachable = (error: unknown): boolean =>
  !(error instanceof SerinError) && failureOf(error).statusCode === undefined;

/** Ordered: the first that fits says it. */
const UNREACHABLE: readonly { readonly code: string; readonly why: (socketPath: string) => string }[] = [
  { code: 'ENOENT', why: (path) => `there is no engine: the socket ${path} does not exist` },
  { code: 'EACCES', why: (path) => `permission denied on ${path}: run the agent as root or in the socket's group` },
  { code: 'ECONNRESET', why: (path) => `the engine behind ${path} went away before it had answered` },
  { code: 'ECONNREFUSED', why: (path) => `no engine listens on ${path}: is it running?` },
];

export function engineWords(error: unknown, socketPath: string): string {
  const { code, json } = failureOf(error);
  const known = UNREACHABLE.find((rule) => rule.code === code);
  if (known !== undefined) return known.why(socketPath);
  return (json?.message ?? messageOf(error).replace(LIBRARY_WORDS, '')).trim();
}

/** "(HTTP code 500) server error - ", which stands before an engine's own words. */
const LIBRARY_WORDS = /^\(HTTP code \d+\) [^-]* - /;

export const engineError = (what: string, error: unknown, socketPath: string): SerinError =>
  error instanceof SerinError
    ? error
    : new SerinError('driver', `${what}: ${engineWords(error, socketPath)}`, { cause: error });
