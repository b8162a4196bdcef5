/** Ports of this network that lead to the same ports of another one: how a test reaches what runs beside an engine. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { bundle, CHECKOUT } from '../src/agent/testing/program.ts';

export interface Relay {
  /** A port of loopback that is free here and leads there from now on. */
  open(): Promise<number>;
  close(): Promise<void>;
}

const SCRATCH = join(CHECKOUT, 'node_modules/.cache/serin-relay');

/** `inside` runs a program in the other network: ["nsenter", …]. */
export async function startRelay([program = '', ...args]: readonly string[]): Promise<Relay> {
  await bundle({ 'relay-child': 'soak/relay-child.ts' }, SCRATCH);
  const child = spawn(program, [...args, process.execPath, join(SCRATCH, 'relay-child.js')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  return {
    async open() {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      const taken = new Promise((resolve) => child.once('message', resolve));
      child.send(port, server);
      await taken;
      // The child has it now.
      server.close();
      return port;
    },
    async close() {
      child.kill();
      await exited;
    },
  };
}
