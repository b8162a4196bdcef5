/**
 * The composition root: builds every part of an agent from its configuration, starts them in order and stops them in
 * the reverse one. Nothing below this folder reads configuration or makes a clock, a random number or an id.
 */
import { setMaxListeners } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, steadyClock, systemClock } from '../lib/clock.ts';
import { type DirectoryLock, lockDirectory } from '../lib/directory-lock.ts';
import { messageOf, SerinError } from '../lib/errors.ts';
import { newUuid } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { seededRandom } from '../lib/random.ts';
import type { Service } from '../lib/service.ts';
import { Server } from '../server/server.ts';
import { State } from '../state/state.ts';
import { openEmbeddedStorage } from '../state/storage/embedded.ts';
import { type ApiServer, startApi } from './api-server.ts';
import type { AgentConfig, AuthConfig } from './config.ts';
import { IngressSupervisor } from './ingress-supervisor.ts';
import { steadyIngressTable } from './ingress-table.ts';
import { assertPortFree } from './listening.ts';
import { marathonListening, startMarathonApi } from './marathon-api.ts';
import { type NodeRole, startNode } from './node-role.ts';
import { serverRuns, storeFailureLog } from './server-runs.ts';
import { serverUrlOf } from './server-url.ts';
import { loadTls } from './tls.ts';
import { loadTokens, type Tokens } from './tokens.ts';

export interface Agent {
  /** "http://127.0.0.1:4646" */
  readonly address: string;
  /** Resolves when the agent has ended by itself: a role failed for good. */
  readonly failed: Promise<never>;
  /** Reads tokens and certificates again. */
  reload(): void;
  /** Ends the agent; what it does with tasks and ingress depends on `-dev`. `hurry` aborts the waiting. */
  stop(hurry: AbortSignal): Promise<void>;
}

/** Starts every role that the configuration names; resolves when the API answers. */
export async function startAgent(config: AgentConfig, log: Log, version: string): Promise<Agent> {
  await assertPortFree(config);
  if (config.marathon) await assertPortFree(marathonListening(config.marathon));
  const lock = await takeDataDir(config.dataDir);
  try {
    return await startRoles(config, { log, version, lock });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface Surroundings {
  readonly log: Log;
  readonly version: string;
  readonly lock: DirectoryLock;
}

async function startRoles(config: AgentConfig, surroundings: Surroundings): Promise<Agent> {
  const { log, version } = surroundings;
  const tokens = config.auth && { ...readTokens(config, config.auth) };
  const tls = config.tls && loadTls(config.tls);
  const stop = new AbortController();
  // Every allocation listens to it; Node.js warns from the eleventh listener on.
  setMaxListeners(0, stop.signal);
  const running: Promise<void>[] = [];
  const run = (service: Service): void => {
    running.push(service.run(stop.signal));
  };

  let node: NodeRole | undefined;
  const clock = machineClock(log, (byMs) => node?.clockSet(byMs));
  const server = config.server.isEnabled ? await openServer(config, log, clock) : undefined;
  try {
    if (server) run(serverRuns({ server, clock, random: seededRandom(newUuid()), log }));
    node = config.client.isEnabled ? startNode(config, { server, tokens, tls, version, log, clock }) : undefined;
    const api = await startApi(config, { server, node, tokens, tls, log, version, clock });
    const marathon = server && (await startMarathonApi(config, { server, node, tokens, tls, log, version, clock }));
    if (node) run(node);
    const ingress = config.ingress.isEnabled ? ingressSupervisor(config, api, log) : undefined;
    if (ingress) run(ingress);
    return runningAgent({ ...surroundings, config, tokens, stop, running, server, node, api, marathon, ingress });
  } catch (error) {
    stop.abort();
    await Promise.allSettled(running);
    await server?.state.close();
    throw error;
  }
}

function runningAgent(parts: Parts): Agent {
  return {
    address: parts.api.address,
    failed: Promise.race(parts.running.map((ended) => ended.then(() => new Promise<never>(() => {})))),
    reload: () => reloadSecrets(parts),
    stop: (hurry) => stopAgent(parts, hurry),
  };
}

interface Parts {
  readonly config: AgentConfig;
  readonly log: Log;
  readonly lock: DirectoryLock;
  readonly tokens: Tokens | undefined;
  readonly stop: AbortController;
  readonly running: readonly Promise<void>[];
  readonly server: Server | undefined;
  readonly node: NodeRole | undefined;
  readonly api: ApiServer;
  /** undefined: nobody asks for it here. */
  readonly marathon: ApiServer | undefined;
  readonly ingress: IngressSupervisor | undefined;
}

/** What fails to be read stays as it was: a reload never ends an agent. */
function reloadSecrets({ config, log, tokens, api, marathon, ingress }: Parts): void {
  try {
    if (config.auth && tokens) Object.assign(tokens, readTokens(config, config.auth));
    ingress?.reload();
    if (config.tls?.isServing) for (const each of [api, marathon]) each?.renew(loadTls(config.tls));
  } catch (error) {
    log.error({ error }, 'tokens or certificates could not be read again; the old ones stay');
  }
}

/**
 * The one place where the stop order stands. `-dev`: drain and stop every task while server and ingress still work,
 * then the ingress, then the rest, and nothing is left. Else: tasks and ingress go on, and the next agent finds them.
 */
async function stopAgent(parts: Parts, hurry: AbortSignal): Promise<void> {
  const { config, log, lock, stop, server, node, api, marathon, ingress } = parts;
  if (config.isDev && node) {
    log.info({}, 'draining and stopping every task');
    await node.stopAll(hurry);
  }
  stop.abort();
  if (config.isDev) await ingress?.stop(hurry);
  await marathon?.close();
  await api.close();
  await Promise.allSettled(parts.running);
  await server?.state.close();
  if (config.isDev) rmSync(config.dataDir, { recursive: true, force: true });
  await lock.release();
}

/** One agent for one folder, whatever its roles are. */
async function takeDataDir(dataDir: string): Promise<DirectoryLock> {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return await lockDirectory(dataDir);
  } catch (error) {
    if (error instanceof SerinError) throw error;
    throw new SerinError('config', `the data directory ${dataDir} cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

const readTokens = (config: AgentConfig, auth: AuthConfig): Tokens =>
  loadTokens(auth, { makes: config.server.isEnabled });

async function openServer(config: AgentConfig, log: Log, clock: Clock): Promise<Server> {
  const state = await State.open(await openEmbeddedStorage(join(config.dataDir, 'server')));
  state.onFailure = storeFailureLog(clock, log);
  return new Server({
    state,
    clock,
    newId: newUuid,
    random: seededRandom(newUuid()),
    log: log.child({ part: 'server' }),
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    heartbeat: { ttlMs: config.server.heartbeatTtlMs, graceMs: config.server.heartbeatGraceMs },
    tableIndex: (tx) => steadyIngressTable(state)(tx).Index,
    ...(config.marathon && { marathon: { datacenters: ['*'], commandDriver: config.marathon.commandDriver } }),
  });
}

/** One for all roles: what the server wrote down is judged by the time that the node and the API know. */
const machineClock = (log: Log, told: (byMs: number) => void): Clock =>
  steadyClock((byMs) => {
    told(byMs);
    const data = { seconds: Math.round(byMs / 1000) };
    log.warn(data, 'the clock of this machine was set; the agent follows slowly, so that no deadline passes early');
  });

function ingressSupervisor(config: AgentConfig, api: ApiServer, log: Log): IngressSupervisor {
  const [elsewhere] = config.ingress.servers.length > 0 ? config.ingress.servers : config.servers;
  const asksHere = config.server.isEnabled || elsewhere === undefined;
  return new IngressSupervisor({
    dataDir: join(config.dataDir, 'ingress'),
    program: [process.execPath, ingressProgram()],
    serverUrl: asksHere ? api.address : serverUrlOf(elsewhere, config.tls !== undefined),
    bindAddress: config.ingress.bindAddress,
    name: `${config.name}-ingress`,
    tokenFile: config.auth?.agentTokenFile,
    tls: config.tls,
    settings: config.ingress.settings,
    // On somebody's own machine memory is dearer than a moment.
    hasStandby: !config.isDev,
    clock: systemClock,
    log: log.child({ part: 'ingress' }),
  });
}

/** Beside this file once it is built. */
const ingressProgram = (): string => fileURLToPath(new URL('./ingress.js', import.meta.url));

/** What went wrong at a start, in one sentence. */
export function startFailure(error: unknown): string {
  return error instanceof SerinError ? error.message : `the agent cannot start: ${messageOf(error)}`;
}
