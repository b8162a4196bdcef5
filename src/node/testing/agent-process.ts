/** The entry of an agent process that tests kill: raw_exec, real time, the server on the other side of the channel. */
import { join } from 'node:path';
import { NodeAgent } from '../node-agent.ts';
import { parentConnection } from './ipc-connection.ts';
import { liveOptions, liveRawExec } from './live-options.ts';

const dir = process.argv[2] ?? '';
const path = process.env.PATH ?? '';
const agent = new NodeAgent(
  liveOptions({
    dataDir: join(dir, 'node'),
    connection: parentConnection(),
    drivers: [liveRawExec(join(dir, 'raw_exec'), path)],
  }),
);
await agent.run(new AbortController().signal);
