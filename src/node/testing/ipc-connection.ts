/** The server's twin for an agent in a process of its own, over the channel that Node.js opens to a child process. */
import type { ChildProcess } from 'node:child_process';
import { messageOf } from '../../lib/errors.ts';
import type { ServerConnection } from '../server-connection.ts';

interface Call {
  readonly id: number;
  readonly method: keyof ServerConnection;
  readonly args: readonly unknown[];
}

type Reply = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };

type AnyMethod = (...args: unknown[]) => Promise<unknown>;

/** Answers a child's calls until it is gone. */
export function serveTwin(child: ChildProcess, server: ServerConnection): void {
  const gone = new AbortController();
  child.on('exit', () => gone.abort());
  const reply = (message: Reply) => {
    // One that is killed in this moment does not hear it.
    if (child.connected) child.send(message, () => {});
  };
  child.on('message', (message) => {
    const { id, method, args } = message as Call;
    (server[method] as AnyMethod).call(server, ...args, gone.signal).then(
      (value) => reply({ id, value }),
      (error) => reply({ id, error: messageOf(error) }),
    );
  });
}

/** The child's side. */
export function parentConnection(): ServerConnection {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let calls = 0;
  process.on('message', (message) => {
    const reply = message as Reply;
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) call?.reject(new Error(reply.error));
    else call?.resolve(reply.value as never);
  });
  const ask = <T>(method: keyof ServerConnection, ...args: unknown[]): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = calls++;
      waiting.set(id, { resolve, reject });
      process.send?.({ id, method, args } satisfies Call);
    });
  return {
    register: (node) => ask('register', node),
    heartbeat: (nodeId) => ask('heartbeat', nodeId),
    watchAllocs: (nodeId, afterIndex) => ask('watchAllocs', nodeId, afterIndex),
    updateAllocs: (nodeId, updates) => ask('updateAllocs', nodeId, updates),
  };
}
