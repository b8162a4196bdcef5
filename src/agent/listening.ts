/** Says in one sentence why the API's address cannot be listened on; a port in use names the process that holds it. */
import { createServer } from 'node:net';
import { SerinError } from '../lib/errors.ts';
import type { AgentConfig } from './config.ts';
import { portHolder } from './port-holder.ts';

type Where = Pick<AgentConfig, 'httpAddress' | 'httpPort'> & {
  /** With which another port is chosen. */
  readonly flag?: string;
};

/** Tried before anything is opened or adopted: who cannot listen must not touch a running agent's data. */
export async function assertPortFree(where: Where): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => reject(listenFailure(error, where)));
    server.listen({ host: where.httpAddress, port: where.httpPort }, () => server.close(() => resolve()));
  });
}

/** Who listens there; undefined when this process could. Found by trying, which costs no look at every socket. */
export function listenerOn(port: number, address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? (portHolder(port, address) ?? 'another process') : undefined),
    );
    server.listen({ port, host: address }, () => server.close(() => resolve(undefined)));
  });
}

export function listenFailure(
  error: NodeJS.ErrnoException,
  { httpAddress, httpPort, flag = '-http-port' }: Where,
): unknown {
  const where = `${httpAddress}:${httpPort}`;
  switch (error.code) {
    case 'EADDRINUSE': {
      const holder = portHolder(httpPort, httpAddress) ?? 'another process';
      return new SerinError('config', `${where} is in use by ${holder}; end it, or choose another port with ${flag}`);
    }
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new SerinError('config', `${httpAddress} is no address of this machine; set bind_addr or addresses.http`);
    case 'EACCES':
      return new SerinError('config', `listening on ${where} is not permitted; choose a port above 1023`);
    default:
      return error;
  }
}
