/** The entry of an agent process that tests kill: raw_exec, real time, the server on the other side of the channel. */
import { join } from 'node:path';
import { RawExecDriver } from '../../drivers/raw-exec.ts';
import { systemClock } from '../../lib/clock.ts';
import { newUuid } from '../../lib/ids.ts';
import { silentLog } from '../../lib/log.ts';
import { seededRandom } from '../../lib/random.ts';
import { NodeAgent } from '../node-agent.ts';
import { NOTHING_RESERVED } from '../node-row.ts';
import { parentConnection } from './ipc-connection.ts';

const dir = process.argv[2] ?? '';
const path = process.env.PATH ?? '';
const driver = new RawExecDriver({ stateDir: join(dir, 'raw_exec'), clock: systemClock, path, cgroupName: '' });
const agent = new NodeAgent({
  dataDir: join(dir, 'node'),
  connection: parentConnection(),
  drivers: [driver],
  clock: systemClock,
  random: seededRandom('agent'),
  newId: newUuid,
  log: silentLog,
  name: 'one',
  datacenter: 'dc1',
  nodeClass: '',
  meta: {},
  reserved: NOTHING_RESERVED,
  httpAddr: '127.0.0.1:4646',
  address: '127.0.0.1',
  cpuTotalCompute: 0,
  version: '0.0.0',
  hostEnv: { PATH: path },
  keepEnded: 50,
  maxKillTimeoutMs: 30_000,
});
await agent.run(new AbortController().signal);
