/** Changes what the ingresses do about one instance, and waits until they have done it. */
import type { IngressChange } from '../api/cluster.ts';
import { sleep } from '../lib/clock.ts';
import type { IngressStatus, ServerStanding } from '../model/ingress-status.ts';
import { type CommandContext, UsageError } from './command.ts';
import { explaining } from './explaining.ts';
import { findAllocation } from './lookup.ts';

export interface Override {
  readonly change: IngressChange;
  /** What the instance does from then on: "gets nothing new". */
  readonly said: string;
  /** What is waited for, at every ingress; undefined: nothing. */
  readonly until: 'drained' | 'ready' | undefined;
}

const POLL_MS = 200;

export async function overrideIngress(context: CommandContext, name: string, override: Override): Promise<number> {
  const id = await findAllocation(context, allocationOf(name));
  await explaining('Error changing the ingress', context.client.ingress.override(id, override.change));
  context.terminal.print(`Allocation "${id}" ${override.said}`);
  if (override.until !== undefined) await waitFor(context, id, override.until);
  return 0;
}

/** Marathon's task ids end with the allocation's: "shop_web.8a1b2c3d-…". */
const allocationOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

async function waitFor(context: CommandContext, id: string, state: ServerStanding['State']): Promise<void> {
  let said = '';
  for (;;) {
    const { data } = await explaining('Error querying the ingress', context.client.ingress.status());
    const servers = serversOf(data, id);
    const isDone = servers.every((server) => server.State === state);
    const words = isDone ? `Allocation "${id}" is ${state}` : waitingWords(servers);
    if (words !== said) context.terminal.print(words);
    said = words;
    if (isDone) return;
    await sleep(context.clock, POLL_MS, context.signal);
  }
}

function waitingWords(servers: readonly ServerStanding[]): string {
  const inFlight = servers.reduce((sum, { InFlight }) => sum + InFlight, 0);
  if (inFlight > 0) return `waiting: ${inFlight} request${inFlight === 1 ? '' : 's'} in flight`;
  return `waiting: ${[...new Set(servers.map(({ State }) => State))].join(', ')}`;
}

const serversOf = ({ Backends }: IngressStatus, id: string): ServerStanding[] =>
  Backends.flatMap(({ Pools }) => Pools.flatMap(({ Servers }) => Servers.filter(({ AllocID }) => AllocID === id)));

/** "web", "shop/web" or "default/shop/web": the end of a backend's id, or its job where that has one service. */
export async function namedBackend(context: CommandContext, name: string | undefined): Promise<string> {
  if (!name) throw new UsageError('Name the service with -pool; `serin ingress status` lists them');
  const { data } = await explaining('Error querying the ingress', context.client.ingress.status());
  const ids = data.Backends.map(({ ID }) => ID);
  const exact = ids.filter((id) => id === name || id.endsWith(`/${name}`));
  const found = exact.length > 0 ? exact : ids.filter((id) => jobOf(id) === name);
  if (found.length === 1) return found[0]!;
  if (found.length > 1) throw new UsageError(`"${name}" may be any of: ${found.join(', ')}`);
  throw new UsageError(`No pool "${name}"; ${ids.length === 0 ? 'there is none' : `there are: ${ids.join(', ')}`}`);
}

const jobOf = (backendId: string): string => backendId.split('/').slice(1, -1).join('/');
