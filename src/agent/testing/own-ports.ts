/**
 * Dynamic ports for one agent under test. Agents on one machine know nothing of each other, and give the same ports of
 * the usual range away: an instance of one test would then find its port taken by an instance of another. Each has a
 * slice of the range instead, which is its own as long as a socket of the test process listens on the slice's first port.
 */
import { createServer, type Server } from 'node:net';
import { DYNAMIC_PORT_FIRST, DYNAMIC_PORT_LAST } from '../../model/network.ts';

const SLICE = 200;

export interface OwnPorts {
  /** A configuration file of the agent. */
  readonly config: string;
  release(): void;
}

export async function claimPorts(): Promise<OwnPorts> {
  const count = Math.floor((DYNAMIC_PORT_LAST - DYNAMIC_PORT_FIRST + 1) / SLICE);
  const start = Math.floor(Math.random() * count);
  for (let step = 0; step < count; step++) {
    const first = DYNAMIC_PORT_FIRST + ((start + step) % count) * SLICE;
    const guard = await listenOn(first);
    if (guard === undefined) continue;
    const config = `client {\n  min_dynamic_port = ${first + 1}\n  max_dynamic_port = ${first + SLICE - 1}\n}\n`;
    return { config, release: () => void guard.close() };
  }
  throw new Error(`all ${count} slices of the dynamic ports are taken by agents under test`);
}

function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
