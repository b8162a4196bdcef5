/** Hands a call on to the agent of the node that the allocation runs on; what comes back goes back as it is. */
import { request } from 'undici';
import { messageOf, SerinError } from '../lib/errors.ts';
import type { Node } from '../model/node.ts';
import type { Answer } from './answer.ts';
import type { Call } from './route.ts';

export type Forward = (node: Pick<Node, 'Name' | 'HTTPAddr' | 'TLSEnabled'>, call: Call) => Promise<Answer>;

/** Says that the call was handed on once already; a second time would be a circle. */
const FORWARDED = 'x-serin-forwarded';
const PASSED_ON = ['x-nomad-token', 'authorization', 'content-type'];

export const forwardOverHttp: Forward = async (node, call) => {
  if (call.headers[FORWARDED] !== undefined) {
    throw new SerinError('notFound', `The agent at ${node.HTTPAddr} does not run node ${node.Name}.`);
  }
  try {
    const response = await request(`${node.TLSEnabled ? 'https' : 'http'}://${node.HTTPAddr}${call.url}`, {
      method: call.method as 'GET',
      headers: { ...passedOn(call), [FORWARDED]: '1' },
      body: call.body.length > 0 ? call.body : null,
      signal: call.signal,
      bodyTimeout: 0,
    });
    const contentType = response.headers['content-type'];
    return {
      kind: 'stream',
      status: response.statusCode,
      chunks: response.body,
      headers: typeof contentType === 'string' ? { 'Content-Type': contentType } : {},
    };
  } catch (cause) {
    throw new SerinError(
      'unavailable',
      `Node ${node.Name} does not answer at ${node.HTTPAddr}: ${messageOf(cause)}. Check that its agent runs.`,
      { cause },
    );
  }
};

function passedOn(call: Call): Record<string, string> {
  const pairs = PASSED_ON.map((name) => [name, call.headers[name]] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}
