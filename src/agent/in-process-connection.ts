/** The node's connection to a server in the same process: the same answers as over HTTP, without the way. */
import type { ServerConnection } from '../node/server-connection.ts';
import { nodeAssignment } from '../server/node-assignment.ts';
import type { Server } from '../server/server.ts';

/** A blocking query answers after this even if nothing changed. */
const WAIT_MS = 60_000;

export function inProcessConnection(server: Server): ServerConnection {
  const { state } = server;
  return {
    register: (node) => server.registerNode(node),
    heartbeat: (nodeId) => server.heartbeat(nodeId),
    async updateAllocs(nodeId, updates) {
      await server.updateAllocs(nodeId, updates);
    },
    async watchAllocs(nodeId, afterIndex, signal) {
      const until = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]);
      for (;;) {
        const { assignment, readAt } = state.view((tx) => ({
          assignment: nodeAssignment(tx, nodeId),
          readAt: tx.index,
        }));
        if (assignment.Index > afterIndex || until.aborted) {
          await state.whenDurable(readAt);
          return assignment;
        }
        // What was read is newer than the node's own last change: waiting past it is what keeps this from spinning.
        await state.waitFor({ tables: ['allocs'], afterIndex: readAt, allocsOfNode: nodeId }, until);
      }
    },
  };
}
