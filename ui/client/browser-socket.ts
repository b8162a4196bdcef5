/** A WebSocket to the agent, as the API's readers want one. A page sends its token as the first message. */
import type { ApiSocket } from '../../src/api/api-socket.ts';
import { AgentUnreachable } from './agent-unreachable.ts';

export async function openBrowserSocket(
  url: URL,
  token: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ApiSocket> {
  const target = new URL(url);
  target.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  target.searchParams.set('ws_handshake', 'true');
  const socket = new WebSocket(target);
  signal?.addEventListener('abort', () => socket.close(), { once: true });
  const messages = messagesOf(socket);
  const closed = new Promise<string>((resolve) => {
    socket.addEventListener('close', ({ reason }) => resolve(reason), { once: true });
  });
  await opened(socket).catch(() => {
    throw signal?.aborted ? signal.reason : new AgentUnreachable(url.origin);
  });
  socket.send(JSON.stringify({ version: 1, auth_token: token ?? '' }));
  return {
    messages,
    closed,
    send: async (text) => socket.send(text),
    close: () => socket.close(),
  };
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
}

/** Listens from now on, so that nothing is missed before somebody reads. */
function messagesOf(socket: WebSocket): AsyncIterable<string> {
  const stream = new ReadableStream<string>({
    start(controller) {
      socket.addEventListener('message', ({ data }) => controller.enqueue(String(data)));
      socket.addEventListener('close', () => controller.close(), { once: true });
    },
    cancel: () => socket.close(),
  });
  return read(stream);
}

async function* read(stream: ReadableStream<string>): AsyncGenerator<string> {
  const reader = stream.getReader();
  try {
    for (let item = await reader.read(); !item.done; item = await reader.read()) yield item.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
