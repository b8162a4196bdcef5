/** What a node agent is made of and told: everything that is not the same on each machine and in each test. */
import type { Driver } from '../drivers/driver.ts';
import type { Clock } from '../lib/clock.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Random } from '../lib/random.ts';
import type { NodeReservedResources } from '../model/node.ts';
import type { JournalWrite } from './client-state.ts';
import type { ConsulApi } from './consul/consul-api.ts';
import type { FingerprintOptions, Machine } from './fingerprint.ts';
import type { PortHolder } from './held-ports.ts';
import type { ServerConnection } from './server-connection.ts';

export interface NodeAgentOptions {
  /** Everything the node keeps: its identity, the allocations' state and folders. */
  readonly dataDir: string;
  readonly connection: ServerConnection;
  readonly drivers: readonly Driver[];
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly log: Log;
  readonly name: string;
  readonly datacenter: string;
  readonly nodeClass: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly reserved: NodeReservedResources;
  /** "127.0.0.1:4646": where this agent's own API is reached. */
  readonly httpAddr: string;
  /** That API is served over TLS. */
  readonly tlsEnabled?: boolean;
  /** The address that tasks' ports are offered on. */
  readonly address: string;
  /** MHz in all; 0: as the machine says. */
  readonly cpuTotalCompute: number;
  /** Of the whole machine; 0 or absent: as it says itself. */
  readonly memoryTotalMB?: number;
  /** Mbit/s; likewise. */
  readonly networkSpeed?: number;
  /** Where dynamic ports are given from, both ends included, if not from the usual place. */
  readonly dynamicPorts?: { readonly first: number; readonly last: number };
  readonly version: string;
  /** The agent's environment, of which tasks see what is not secret. */
  readonly hostEnv: Readonly<Record<string, string>>;
  /** Writes the node's journal; tests have a disk that is full. */
  readonly journalWrite?: JournalWrite;
  /** Looks at the machine; tests give their own. */
  readonly fingerprint?: (options: FingerprintOptions) => Machine;
  /** Who listens on a port of this machine; without it all are taken for free. */
  readonly portHolder?: PortHolder;
  /** The Consul agent beside this node, where one is configured. */
  readonly consul?: ConsulApi;
  /** No task's kill_timeout is longer here. */
  readonly maxKillTimeoutMs: number;
  /** Ended allocations whose folders are kept, the newest ones. */
  readonly keepEnded: number;
}
