/** What Marathon's face needs of the rest of the agent. */
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { MarathonOperations } from '../../server/marathon/operations.ts';
import type { ServerOperations } from '../../server/operations.ts';
import type { TokenPolicy } from '../auth.ts';
import type { StateReader, TlsServing } from '../deps.ts';
import type { HostPolicy } from '../guard.ts';

export interface MarathonDeps {
  readonly marathon: MarathonOperations;
  readonly server: Pick<ServerOperations, 'stopAlloc' | 'evaluateJob'>;
  readonly state: StateReader;
  /** "10.0.0.1:8080", as clients reach it: whom `X-Marathon-Leader` names. */
  readonly address: string;
  /** Of Serin. */
  readonly version: string;
  readonly hosts: HostPolicy;
  readonly tokens?: TokenPolicy;
  /** Plain HTTP without it. */
  readonly tls?: TlsServing;
  readonly clock: Clock;
  readonly log: Log;
  readonly bodyLimitBytes?: number;
}
