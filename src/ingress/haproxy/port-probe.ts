/** Whether a port can be listened on. HAProxy takes a configuration whole or not at all: a port that is taken stays out of it. */
import { createServer } from 'node:net';

/** undefined: it is free. Else why not, in words that go on after "the ingress …". */
export function portProblem(port: number, address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(`cannot listen on ${place(address, port)}: ${reason(error)}`));
    server.listen(port, address, () => server.close(() => resolve(undefined)));
  });
}

const place = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

function reason(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'another process holds the port';
  if (error.code === 'EACCES') return 'it needs the right to use ports below 1024';
  return error.message;
}
