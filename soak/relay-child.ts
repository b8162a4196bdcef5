/**
 * Stands in another network and passes on what reaches a listening socket of the test's own network, which the test
 * hands over. In a process of its own, since a process is in one network only.
 */
import { connect, type Server, type Socket } from 'node:net';

process.on('message', (port: number, server: Server & { allowHalfOpen: boolean }) => {
  server.allowHalfOpen = true;
  server.on('connection', (outer) => {
    const inner = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    pass(outer, inner);
    pass(inner, outer);
  });
  process.send?.(port);
});
process.on('disconnect', () => process.exit(0));

/** What ends, ends on the other side; what breaks, breaks there. */
function pass(from: Socket, to: Socket): void {
  from.setNoDelay(true);
  from.pipe(to);
  from.on('error', () => to.resetAndDestroy());
  from.on('close', () => to.destroySoon());
}
