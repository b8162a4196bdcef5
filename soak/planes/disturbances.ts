/** What is done to the house while an update is under way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { endProcess } from '../../src/agent/testing/own-processes.ts';
import { until } from '../../src/agent/testing/until.ts';
import type { Random } from '../../src/lib/random.ts';
import { isClientTerminal } from '../../src/model/allocation.ts';
import type { Clients } from './clients.ts';
import type { Outage } from './failures.ts';
import { watchListeners } from './listeners.ts';
import { Plane, type PlaneIngress, type PlaneRig } from './rig.ts';
import { DRAIN_DEADLINE_MS, SERVICE } from './service-job.ts';
import { type Address, standAt } from './tombstones.ts';
import { UPDATE_KINDS, UpdateKind } from './updates.ts';

export const Disturbance = {
  none: 'nothing',
  server: 'the server killed, a node’s agent too',
  steering: 'the process that steers HAProxy killed',
  reload: 'HAProxy reloaded',
  killed: 'the data plane killed',
  frozen: 'the data plane frozen',
  frozenLong: 'the data plane frozen until an instance has stopped',
} as const;
export type Disturbance = (typeof Disturbance)[keyof typeof Disturbance];

/** Three rounds of all kinds of updates: undisturbed, (a) without those that decide, (b) without those that carry. */
export const Round = { quiet: 'quiet', control: 'control', carrier: 'carrier' } as const;
export type Round = (typeof Round)[keyof typeof Round];
const ROUNDS = Object.values(Round);

export const roundOf = (number: number): Round =>
  ROUNDS[Math.floor((number - 1) / UPDATE_KINDS.length) % ROUNDS.length]!;

/** Every kind of update meets every disturbance in time. */
export function disturbanceOf(number: number, kind: UpdateKind, plane: Plane): Disturbance {
  const lap = Math.floor((number - 1) / (UPDATE_KINDS.length * ROUNDS.length));
  const at = lap + UPDATE_KINDS.indexOf(kind);
  const round = roundOf(number);
  if (round === Round.quiet) return Disturbance.none;
  if (round === Round.control) {
    if (plane === Plane.embedded) return Disturbance.server;
    return [Disturbance.server, Disturbance.steering, Disturbance.reload][at % 3]!;
  }
  // Where one instance fewer is wanted, one stops whatever becomes of the data plane.
  if (kind === UpdateKind.scale && lap % 2 === 1) return Disturbance.frozenLong;
  return at % 2 === 0 ? Disturbance.killed : Disturbance.frozen;
}

/** Which of the two ingresses: each kind of update and of disturbance meets both in time. */
export function sufferingOf(number: number, kind: UpdateKind): number {
  const laps = Math.floor((number - 1) / (2 * UPDATE_KINDS.length * ROUNDS.length));
  return (laps + Math.floor(UPDATE_KINDS.indexOf(kind) / 2)) % 2;
}

export interface Disturbed {
  readonly outage?: Outage;
  /** How long nobody listened, or from being told to go on to the next answer. */
  readonly awayMs?: number;
  /** How long a process of Node.js takes at that time that does nothing: what of it is the machine's. */
  readonly bareMs?: number;
  /** Instances that stopped meanwhile. */
  readonly stopped?: number;
  /** Answers that came through the other ingress meanwhile. */
  readonly answeredElsewhere?: number;
  readonly problems: readonly string[];
}

export interface DisturbOptions {
  readonly rig: PlaneRig;
  /** Whose data plane it is that suffers. */
  readonly ingress: PlaneIngress;
  readonly clients: Clients;
  readonly random: Random;
  /** Told before anything is done, and again with its end. */
  readonly onOutage: (outage: Outage) => void;
}

export const BACK_WITHIN_MS = 500;
const WITHIN_MS = 600;
const DOWN_FOR_MS = 300;
const FROZEN_FOR_MS = 1500;
const PATIENCE_MS = 20_000;
const LONG_MS = 120_000;
/** Long enough for what waited, and for the clients' next requests. */
const WATCH_FOR_MS = 400;

export async function disturb(what: Disturbance, options: DisturbOptions): Promise<Disturbed> {
  if (what === Disturbance.none) return { problems: [] };
  if (what !== Disturbance.frozenLong) await delay(options.random.next() * WITHIN_MS);
  switch (what) {
    case Disturbance.server:
      return killServer(options);
    case Disturbance.steering:
      return killSteering(options);
    case Disturbance.reload:
      process.kill(options.ingress.master()!, 'SIGUSR2');
      return { problems: [] };
    case Disturbance.killed:
      return killCarrier(options);
    default:
      return freezeCarrier(options, what === Disturbance.frozenLong);
  }
}

async function killServer({ rig, random }: DisturbOptions): Promise<Disturbed> {
  const node = rig.nodes[random.next() < 0.5 ? 0 : 1]!;
  await Promise.all([rig.server.end('SIGKILL'), node.end('SIGKILL')]);
  await delay(random.next() * DOWN_FOR_MS);
  await Promise.all([rig.server.start(), node.start()]);
  return { problems: [] };
}

async function killSteering({ ingress }: DisturbOptions): Promise<Disturbed> {
  const pid = ingress.steering();
  endProcess(pid);
  await until('another steers', () => ingress.steering() !== pid);
  return { problems: [] };
}

async function killCarrier({ rig, ingress, clients, onOutage }: DisturbOptions): Promise<Disturbed> {
  const { host, carriers } = ingress;
  const place = { host, port: rig.listen };
  const before = await addressesOf(rig);
  const elsewhere = answersElsewhere(rig, ingress, clients);
  const watch = await watchListeners(place);
  const fromMs = performance.now();
  onOutage({ host, how: 'killed', fromMs, notYetMs: Infinity, backMs: Infinity });
  for (const pid of carriers()) endProcess(pid);
  const comeback = await watch.comeback(carriers, PATIENCE_MS).finally(watch.stop);
  const answeredElsewhere = elsewhere();
  const outage: Outage = { host, how: 'killed', fromMs, ...comeback };
  onOutage(outage);
  const awayMs = comeback.backMs - fromMs;
  const gone = await askedOfTheGone(rig, before);
  return { outage, awayMs, answeredElsewhere, bareMs: await bareProcessMs(), ...gone };
}

/** Called again: how many answers have come through the others since. */
function answersElsewhere({ ingresses }: PlaneRig, suffering: PlaneIngress, clients: Clients): () => number {
  const others = ingresses.filter((each) => each !== suffering);
  const count = (): number => others.reduce((sum, { host }) => sum + clients.answersAt(host), 0);
  const before = count();
  return () => count() - before;
}

async function bareProcessMs(): Promise<number> {
  const startedMs = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - startedMs;
}

async function freezeCarrier(options: DisturbOptions, isLong: boolean): Promise<Disturbed> {
  const { rig, ingress, clients, random, onOutage } = options;
  const { host } = ingress;
  const place = { host, port: rig.listen };
  const before = await addressesOf(rig);
  const elsewhere = answersElsewhere(rig, ingress, clients);
  const watch = await watchListeners(place);
  const pids = ingress.carriers();
  const fromMs = performance.now();
  onOutage({ host, how: 'frozen', fromMs, notYetMs: Infinity, backMs: Infinity });
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  // Whoever steers a HAProxy does not wait for one that is silent: another one takes its place.
  const over = new AbortController();
  const replaced = watch.comeback(ingress.carriers, LONG_MS, over.signal).catch(() => undefined);
  try {
    if (isLong)
      await until('an instance has stopped', async () => (await goneOf(rig, before)).length > 0, 4 * DRAIN_DEADLINE_MS);
    else await delay(200 + random.next() * FROZEN_FOR_MS);
    const stones = await standAt(await goneOf(rig, before));
    const answeredElsewhere = elsewhere();
    const backMs = performance.now();
    const frozen: Outage = { host, how: 'frozen', fromMs, notYetMs: backMs, backMs };
    onOutage(frozen);
    for (const pid of pids) endProcess(pid, 'SIGCONT');
    await until('it answers again', () => clients.lastFreshMs(host) > backMs, PATIENCE_MS);
    const awayMs = clients.lastFreshMs(host) - backMs;
    await delay(WATCH_FOR_MS);
    await stones.close();
    over.abort();
    const comeback = await replaced;
    const outage: Outage = comeback === undefined ? frozen : { host, how: 'killed', fromMs, ...comeback };
    onOutage(outage);
    return {
      outage,
      awayMs,
      answeredElsewhere,
      stopped: stones.count,
      problems: stones.requests.map((each) => `to an instance that is gone: ${each}`),
    };
  } finally {
    over.abort();
    for (const pid of pids) endProcess(pid, 'SIGCONT');
    await watch.stop();
  }
}

async function askedOfTheGone(rig: PlaneRig, before: ReadonlyMap<string, Address>) {
  const stones = await standAt(await goneOf(rig, before));
  await delay(WATCH_FOR_MS);
  await stones.close();
  return { stopped: stones.count, problems: stones.requests.map((each) => `to an instance that is gone: ${each}`) };
}

interface Placed {
  readonly ID: string;
  readonly ClientStatus: string;
  readonly Ports?: readonly { readonly Label: string; readonly Value: number; readonly HostIP: string }[];
  readonly AllocatedResources?: {
    readonly Shared: { readonly Ports: readonly { readonly Value: number; readonly HostIP: string }[] };
  };
}

/** Where the instances are that live now. */
async function addressesOf({ server }: PlaneRig): Promise<Map<string, Address>> {
  const stubs = await server.read<Placed[]>(`job/${SERVICE}/allocations`);
  const living = stubs.filter((each) => !isClientTerminal(each as never));
  const found = new Map<string, Address>();
  for (const { ID } of living) {
    const { AllocatedResources } = await server.read<Placed>(`allocation/${ID}`);
    const port = AllocatedResources?.Shared.Ports[0];
    if (port) found.set(ID, { ip: port.HostIP, port: port.Value });
  }
  return found;
}

/** Of these, where those were that have ended; and nobody else has moved in. */
async function goneOf(rig: PlaneRig, before: ReadonlyMap<string, Address>): Promise<Address[]> {
  const stubs = await rig.server.read<Placed[]>(`job/${SERVICE}/allocations`);
  const gone = stubs
    .filter((each) => isClientTerminal(each as never) && before.has(each.ID))
    .map((each) => before.get(each.ID)!);
  if (gone.length === 0) return gone;
  const taken = new Set([...(await addressesOf(rig)).values()].map(({ ip, port }) => `${ip}:${port}`));
  return gone.filter(({ ip, port }) => !taken.has(`${ip}:${port}`));
}
