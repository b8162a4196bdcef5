/** One instance of a service in the routing table: in which state, if at all, and where it listens. */
import { type Allocation, type AllocServiceStatus, isDesiredTerminal } from '../model/allocation.ts';
import type { BackendServer } from '../model/ingress.ts';
import type { Service } from '../model/service.ts';

interface StateRule {
  readonly applies: (alloc: Allocation, status: AllocServiceStatus | undefined) => boolean;
  readonly state: BackendServer['State'] | undefined;
  readonly reason: string;
}

/** The first rule that applies decides. */
const STATE_RULES: readonly StateRule[] = [
  {
    applies: (alloc) => isDesiredTerminal(alloc),
    state: 'draining',
    reason: 'it is to stop: every ingress must say that it is empty, whether or not it has ever sent it anything',
  },
  {
    applies: (alloc) => alloc.ClientStatus === 'pending',
    state: undefined,
    reason: 'its tasks have not started',
  },
  {
    applies: (_, status) => status?.Status === 'draining',
    state: 'draining',
    reason: 'its node wants it empty (a restart, a stop by hand)',
  },
  { applies: (_, status) => status?.Status === 'passing', state: 'ready', reason: 'its node finds it healthy' },
  { applies: () => true, state: undefined, reason: 'not healthy yet, or not any more: no traffic, nothing owed' },
];

/** undefined: it does not stand in the table. */
export function stateOf(alloc: Allocation, service: Service): BackendServer['State'] | undefined {
  const status = statusOf(alloc, service);
  return STATE_RULES.find(({ applies }) => applies(alloc, status))!.state;
}

/** Where the instance listens: the port that it was given, else what its node says. */
export function placeOf(alloc: Allocation, service: Service): { Address: string; Port: number } | undefined {
  const port = alloc.Ports.find(({ Label }) => Label === service.PortLabel);
  const status = statusOf(alloc, service);
  const address = isAddress(port?.HostIP) ? port!.HostIP : status?.Address;
  const number = port?.Value ?? status?.Port;
  if (!isAddress(address) || !number) return undefined;
  return { Address: address!, Port: number };
}

const isAddress = (address: string | undefined): boolean =>
  address !== undefined && address !== '' && address !== '0.0.0.0' && address !== '::';

const statusOf = (alloc: Allocation, service: Service): AllocServiceStatus | undefined =>
  alloc.Services?.find((each) => each.Service === service.Name && each.PortLabel === service.PortLabel);
