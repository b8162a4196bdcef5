/**
 * Asks a server whether a token is its management token: an agent on another machine has no copy of that secret to
 * compare with. What was affirmed holds for a while, so that a screen of calls costs one question.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import { messageOf, SerinError } from '../lib/errors.ts';
import { type PooledRequest, pooledRequest } from '../lib/pooled-request.ts';
import type { TlsMaterial } from '../lib/tls-material.ts';

export interface TokenCheckOptions {
  readonly serverUrls: readonly string[];
  readonly tls: TlsMaterial | undefined;
  readonly clock: Clock;
}

const HOLDS_MS = 10_000;
const ANSWER_WITHIN_MS = 5_000;
/** Only the management token may read it. */
const PATH = '/v1/agent/self';

export function tokenCheck({ serverUrls, tls, clock }: TokenCheckOptions): (token: string) => Promise<boolean> {
  const request = pooledRequest({ ...(tls && { connect: { ...tls } }) });
  const questions = new Map<string, Promise<boolean>>();
  let affirmed = { digest: '', untilMs: 0 };
  const ask = async (token: string, digest: string): Promise<boolean> => {
    const isManagement = await askAny(serverUrls, token, request).finally(() => questions.delete(digest));
    if (isManagement) affirmed = { digest, untilMs: clock.nowMs() + HOLDS_MS };
    return isManagement;
  };
  return async (token) => {
    const digest = createHash('sha256').update(token).digest('hex');
    if (digest === affirmed.digest && clock.nowMs() < affirmed.untilMs) return true;
    // One question at a time for each token: an agent that names itself as its server must not ask itself without end.
    const question = questions.get(digest) ?? ask(token, digest);
    questions.set(digest, question);
    return question;
  };
}

async function askAny(serverUrls: readonly string[], token: string, request: PooledRequest): Promise<boolean> {
  let last: unknown;
  for (const url of serverUrls) {
    try {
      return await askOne(url, token, request);
    } catch (error) {
      last = error;
    }
  }
  throw new SerinError('unavailable', `no server answers that could tell whose the token is: ${messageOf(last)}`);
}

async function askOne(url: string, token: string, request: PooledRequest): Promise<boolean> {
  const { statusCode, body } = await request(`${url}${PATH}`, {
    headers: { 'x-nomad-token': token },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  await body.dump();
  return statusCode === 200;
}
