/** Hands a call on to another agent; what comes back goes back as it is. */
import { messageOf, SerinError } from '../lib/errors.ts';
import { type PooledRequest, pooledRequest } from '../lib/pooled-request.ts';
import type { TlsMaterial } from '../lib/tls-material.ts';
import type { Answer } from './answer.ts';
import type { Call } from './route.ts';

/** The agent that can answer: of the node that runs an allocation, or of a server. */
export interface Elsewhere {
  readonly Name: string;
  /** "10.0.0.5:4646" */
  readonly HTTPAddr: string;
  readonly TLSEnabled: boolean;
}

/** Rejects with `unavailable` when the agent there does not answer. */
export type Forward = (elsewhere: Elsewhere, call: Call) => Promise<Answer>;

/** How often the call was handed on so far: to a server, from there to a node, and no further, else it is a circle. */
const HOPS = 'x-serin-hops';
const MAX_HOPS = 2;

const PASSED_ON = ['x-nomad-token', 'authorization', 'content-type'];
const PASSED_BACK = [
  'content-type',
  'x-nomad-index',
  'x-nomad-knownleader',
  'x-nomad-lastcontact',
  'x-nomad-nexttoken',
];

/** `tls`: what this agent shows to others, and whom it believes. */
export function forwardWith(tls: TlsMaterial): Forward {
  const request = pooledRequest({ connect: { ...tls } });
  return (elsewhere, call) => forwardOver(request, elsewhere, call);
}

const overHttp = pooledRequest();
export const forwardOverHttp: Forward = (elsewhere, call) => forwardOver(overHttp, elsewhere, call);

async function forwardOver(request: PooledRequest, elsewhere: Elsewhere, call: Call): Promise<Answer> {
  const headers = headersOnward(elsewhere, call);
  try {
    const response = await request(`${elsewhere.TLSEnabled ? 'https' : 'http'}://${elsewhere.HTTPAddr}${call.url}`, {
      method: call.method as 'GET',
      headers,
      body: call.body.length > 0 ? call.body : null,
      signal: call.signal,
      // A blocking query says nothing for minutes, and a followed log for as long as it likes.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const back = only(PASSED_BACK, response.headers);
    return { kind: 'stream', status: response.statusCode, chunks: response.body, headers: back };
  } catch (cause) {
    throw unreachable(elsewhere, cause);
  }
}

/** Throws `notFound` for a call that goes in a circle. */
export function headersOnward(elsewhere: Elsewhere, call: Call): Record<string, string> {
  const hops = Number(call.headers[HOPS] ?? 0);
  if (hops < MAX_HOPS) return { ...only(PASSED_ON, call.headers), [HOPS]: String(hops + 1) };
  throw new SerinError('notFound', `The agent at ${elsewhere.HTTPAddr} sends calls for ${elsewhere.Name} elsewhere.`);
}

export const unreachable = (elsewhere: Elsewhere, cause: unknown): SerinError =>
  new SerinError(
    'unavailable',
    `${elsewhere.Name} does not answer at ${elsewhere.HTTPAddr}: ${messageOf(cause)}. Check that its agent runs.`,
    { cause },
  );

function only(names: readonly string[], headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const pairs = names.map((name) => [name, headers[name]] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}
