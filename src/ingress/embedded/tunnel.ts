/** Two sockets joined: bytes both ways with backpressure, half-closes passed on, an error of one ends both. */
import type { Socket } from 'node:net';

/** `done` is called once, when both are closed. */
export function tunnel(client: Socket, upstream: Socket, done: () => void): void {
  client.pipe(upstream);
  upstream.pipe(client);
  let open = 2;
  const closed = (other: Socket) => () => {
    if (other.writableEnded) other.destroySoon();
    else other.destroy();
    if (--open === 0) done();
  };
  whenClosed(client, closed(upstream));
  whenClosed(upstream, closed(client));
  client.resume();
  upstream.resume();
}

function whenClosed(socket: Socket, closed: () => void): void {
  if (socket.closed) queueMicrotask(closed);
  else socket.once('close', closed);
}
