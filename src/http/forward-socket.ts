/** Hands a conversation on to another agent: what either side says the other hears, its end included. */
import type { Clock } from '../lib/clock.ts';
import type { TlsMaterial } from '../lib/tls-material.ts';
import { SocketCodes } from '../model/exec-frames.ts';
import { type Conversation, conversationOver } from './conversation.ts';
import { type Elsewhere, headersOnward, unreachable } from './forward.ts';
import type { Call } from './route.ts';

/** Rejects with `unavailable` when the agent there does not answer. */
export type ForwardSocket = (elsewhere: Elsewhere, call: Call, talk: Conversation) => Promise<void>;

/** Codes that an agent says itself; others mean that the connection broke. */
const SAID: readonly number[] = Object.values(SocketCodes);

/** `tls`: what this agent shows to others, and whom it believes. */
export function forwardSocketWith(clock: Clock, tls: TlsMaterial = {}): ForwardSocket {
  return async (elsewhere, call, talk) => {
    const there = await connect(elsewhere, call, clock, tls);
    void talk.closed.then(() => there.close(SocketCodes.done, ''));
    void passOn(talk, there);
    await passOn(there, talk);
    const { code, reason } = await there.closed;
    if (SAID.includes(code)) talk.close(code, reason);
    else talk.close(SocketCodes.failed, `The connection to ${elsewhere.Name} was lost.`);
  };
}

async function passOn(from: Conversation, to: Conversation): Promise<void> {
  for await (const text of from.messages) await to.send(text);
}

async function connect(elsewhere: Elsewhere, call: Call, clock: Clock, tls: TlsMaterial): Promise<Conversation> {
  const headers = headersOnward(elsewhere, call);
  const { WebSocket } = await import('ws');
  const url = `${elsewhere.TLSEnabled ? 'wss' : 'ws'}://${elsewhere.HTTPAddr}${call.url}`;
  const socket = new WebSocket(url, { ...tls, headers, perMessageDeflate: false, handshakeTimeout: CONNECT_WITHIN_MS });
  const there = conversationOver(socket, clock);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(there));
    socket.once('error', (cause) => reject(unreachable(elsewhere, cause)));
  });
}

const CONNECT_WITHIN_MS = 10_000;
