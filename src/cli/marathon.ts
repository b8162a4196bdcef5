/**
 * What every `marathon` command begins with: a client of /v2, and what that refuses in the words that people know from
 * `dcos marathon`, one sentence each.
 */
import { ApiError, ApiUnreachable } from '../api/api-errors.ts';
import { createMarathonClient, type MarathonApi } from '../api/marathon.ts';
import { tlsOf } from './client-tls.ts';
import { type Command, type CommandContext, UsageError } from './command.ts';
import type { Flags } from './flags.ts';
import { DEFAULT_MARATHON_URL } from './marathon-url.ts';

export interface MarathonContext extends CommandContext {
  readonly marathon: MarathonApi;
}

export type MarathonCommand = (context: MarathonContext, args: readonly string[], flags: Flags) => Promise<number>;

/** A command with a client of /v2, which is closed behind it. */
export const marathonCommand =
  (run: MarathonCommand): Command =>
  async (context, args, flags) => {
    const marathon = clientOf(context, flags);
    try {
      return await run({ ...context, marathon }, args, flags);
    } catch (error) {
      throw explained(error, marathon);
    } finally {
      marathon.close();
    }
  };

function clientOf({ environment }: CommandContext, flags: Flags): MarathonApi {
  const given =
    flags.text('marathon-url') ||
    flags.text('marathon') ||
    flags.text('m') ||
    environment['MARATHON_URL'] ||
    DEFAULT_MARATHON_URL;
  const address = /^https?:\/\//.test(given) ? given : `http://${given}`;
  if (!URL.canParse(address)) {
    throw new UsageError(`-marathon-url "${given}" is no address; write it as ${DEFAULT_MARATHON_URL}`);
  }
  const token = flags.text('token') ?? environment['NOMAD_TOKEN'] ?? environment['SERIN_TOKEN'];
  return createMarathonClient({ address, token, tls: tlsOf(flags, environment) });
}

/** As a sentence for people, where it is a refusal or nobody answers. */
export function explained(error: unknown, { address }: MarathonApi): unknown {
  if (error instanceof ApiError) return new UsageError(sentenceOf(error, address));
  if (!(error instanceof ApiUnreachable)) return error;
  const why = /\((.*)\)\./.exec(error.message)?.[1] ?? 'no answer';
  const hint = 'Is Marathon on there (`serin agent -dev -marathon`)? Set -marathon-url or MARATHON_URL.';
  return new UsageError(`no agent answers at ${address} (${why}). ${hint}`);
}

interface Refusal {
  readonly message?: unknown;
  readonly details?: unknown;
  readonly deployments?: unknown;
}

/** The body of a refusal; empty where it is not one of /v2. */
export function refusalOf(error: ApiError): Refusal {
  try {
    const body: unknown = JSON.parse(error.text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** Some deployment holds the app. */
export const isLocked = (error: unknown): boolean =>
  error instanceof ApiError && error.httpStatus === 409 && refusalOf(error).deployments !== undefined;

function sentenceOf(error: ApiError, address: string): string {
  const { message, details } = refusalOf(error);
  if (isLocked(error)) return 'Changes blocked: deployment already in progress for app.';
  if (typeof message !== 'string') {
    return `Error: ${address} answers with status ${error.httpStatus} and not as Marathon does; is it its address?`;
  }
  const problems = problemsOf(details);
  return `Error: ${message}${problems === '' ? '' : `: ${problems}`}`;
}

function problemsOf(details: unknown): string {
  if (typeof details === 'string') return details;
  if (!Array.isArray(details)) return '';
  return (details as { path?: string; errors?: string[] }[])
    .map(({ path, errors = [] }) => `${path ?? '/'}: ${errors.join(', ')}`)
    .join('; ');
}

/** What the commands print when something began. */
export const createdDeployment = (id: string): string => `Created deployment ${id}`;

/** -force, as a client of /v2 takes it. */
export const forceOf = (flags: Flags) => ({ force: flags.is('force') });

/** undefined where there is none: what is to be done with an app then is the command's to say. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApiError && error.httpStatus === 404) return undefined;
    throw error;
  }
}
