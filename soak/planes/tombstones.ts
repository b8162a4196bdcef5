/**
 * What would notice a request to an instance that is gone: a server at the address that it had. A data plane may look
 * whether somebody is there; a user's request must not come.
 */
import { createServer, type Server } from 'node:http';
import { until } from '../../src/agent/testing/until.ts';

export interface Address {
  readonly ip: string;
  readonly port: number;
}

export interface Tombstones {
  /** How many addresses are watched; then the requests that came, in words. */
  readonly count: number;
  readonly requests: readonly string[];
  close(): Promise<void>;
}

const CHECK_PATH = '/healthz';

export async function standAt(addresses: readonly Address[]): Promise<Tombstones> {
  const requests: string[] = [];
  const servers = await Promise.all(addresses.map((each) => listenAt(each, requests)));
  return {
    count: addresses.length,
    requests,
    async close() {
      await Promise.all(
        servers.map((server) => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(resolve));
        }),
      );
    },
  };
}

/** The one that had the port may need a moment to end. */
async function listenAt({ ip, port }: Address, requests: string[]): Promise<Server> {
  const note = (method = '', url = ''): void => {
    if (url !== CHECK_PATH) requests.push(`${method} ${url} at ${ip}:${port}`);
  };
  return until(`${ip}:${port} is free`, () => {
    const server = createServer((request, response) => {
      note(request.method, request.url);
      response.setHeader('x-version', 'gone').end('gone');
    });
    server.on('upgrade', (request, socket) => {
      note('WebSocket', request.url);
      socket.destroy();
    });
    return new Promise<Server>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, ip, () => resolve(server));
    });
  });
}
