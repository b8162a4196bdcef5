/** What every node under test has in common that runs in real time; what a test is about, it adds. */
import { RawExecDriver } from '../../drivers/raw-exec.ts';
import { systemClock } from '../../lib/clock.ts';
import { newUuid } from '../../lib/ids.ts';
import { silentLog } from '../../lib/log.ts';
import { seededRandom } from '../../lib/random.ts';
import type { NodeAgentOptions } from '../node-agent-options.ts';
import { NOTHING_RESERVED } from '../node-row.ts';

type Own = Pick<NodeAgentOptions, 'dataDir' | 'connection' | 'drivers'> & Partial<NodeAgentOptions>;

export const liveOptions = (own: Own): NodeAgentOptions => ({
  clock: systemClock,
  random: seededRandom('node'),
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
  hostEnv: { PATH: process.env.PATH ?? '' },
  keepEnded: 50,
  maxKillTimeoutMs: 30_000,
  ...own,
});

/** raw_exec without a cgroup. */
export const liveRawExec = (stateDir: string, path = '/usr/bin:/bin'): RawExecDriver =>
  new RawExecDriver({ stateDir, clock: systemClock, path, cgroupName: '' });
