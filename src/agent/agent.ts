/**
 * The composition root: builds every part of an agent from its configuration, starts them in order and stops them in
 * the reverse one. Nothing below this folder reads configuration or makes a clock, a random number or an id.
 */
import { setMaxListeners } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../lib/clock.ts';
import { messageOf, SerinError } from '../lib/errors.ts';
import { newUuid } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { seededRandom } from '../lib/random.ts';
import type { Service } from '../lib/service.ts';
import { Server } from '../server/server.ts';
import { State } from '../state/state.ts';
import { openEmbeddedStorage } from '../state/storage/embedded.ts';
import { type ApiServer, startApi } from './api-server.ts';
import type { AgentConfig } from './config.ts';
import { IngressSupervisor } from './ingress-supervisor.ts';
import { type NodeRole, startNode } from './node-role.ts';
import { serverUrlOf } from './server-url.ts';
import { loadTokens, type Tokens } from './tokens.ts';

export interface Agent {
  /** "http://127.0.0.1:4646" */
  readonly address: string;
  /** Resolves when the agent has ended by itself: a role failed for good. */
  readonly failed: Promise<never>;
  /** Ends the agent; what it does with tasks and ingress depends on `-dev`. `hurry` aborts the waiting. */
  stop(hurry: AbortSignal): Promise<void>;
}

/** Starts every role that the configuration names; resolves when the API answers. */
export async function startAgent(config: AgentConfig, log: Log, version: string): Promise<Agent> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const tokens = config.auth && loadTokens(config.auth);
  const stop = new AbortController();
  // Every allocation listens to it; Node.js warns from the eleventh listener on.
  setMaxListeners(0, stop.signal);
  const running: Promise<void>[] = [];
  const run = (service: Service): void => {
    running.push(service.run(stop.signal));
  };

  const server = config.server.isEnabled ? await openServer(config, log) : undefined;
  if (server) run(server);
  const node = config.client.isEnabled ? startNode(config, { server, tokens, version, log }) : undefined;
  const api = await startApi(config, { server, node, tokens, log, version }).catch(async (error) => {
    stop.abort();
    await server?.state.close();
    throw error;
  });
  if (node) run(node);
  const ingress = config.ingress.isEnabled ? ingressSupervisor(config, api, tokens, log) : undefined;
  if (ingress) run(ingress);

  return {
    address: api.address,
    failed: Promise.race(running.map((ended) => ended.then(() => new Promise<never>(() => {})))),
    stop: (hurry) => stopAgent({ config, log, stop, running, server, node, api, ingress }, hurry),
  };
}

interface Parts {
  readonly config: AgentConfig;
  readonly log: Log;
  readonly stop: AbortController;
  readonly running: readonly Promise<void>[];
  readonly server: Server | undefined;
  readonly node: NodeRole | undefined;
  readonly api: ApiServer;
  readonly ingress: IngressSupervisor | undefined;
}

/**
 * The one place where the stop order stands. `-dev`: drain and stop every task while server and ingress still work,
 * then the ingress, then the rest, and nothing is left. Else: tasks and ingress go on, and the next agent finds them.
 */
async function stopAgent(parts: Parts, hurry: AbortSignal): Promise<void> {
  const { config, log, stop, server, node, api, ingress } = parts;
  if (config.isDev && node) {
    log.info({}, 'draining and stopping every task');
    await node.stopAll(hurry);
  }
  stop.abort();
  if (config.isDev) await ingress?.stop();
  await api.close();
  await Promise.allSettled(parts.running);
  await server?.state.close();
  if (config.isDev) rmSync(config.dataDir, { recursive: true, force: true });
  else if (node || ingress) log.info({}, 'the agent has stopped; its tasks and its ingress go on running');
}

async function openServer(config: AgentConfig, log: Log): Promise<Server> {
  const state = await State.open(await openEmbeddedStorage(join(config.dataDir, 'server')));
  state.onFailure = (error) => log.error({ error }, 'a change could not be stored; the state was read again');
  return new Server({
    state,
    clock: systemClock,
    newId: newUuid,
    random: seededRandom(newUuid()),
    log: log.child({ part: 'server' }),
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
  });
}

function ingressSupervisor(
  config: AgentConfig,
  api: ApiServer,
  tokens: Tokens | undefined,
  log: Log,
): IngressSupervisor {
  const [elsewhere] = config.ingress.servers.length > 0 ? config.ingress.servers : config.client.servers;
  const serverUrl = config.server.isEnabled || elsewhere === undefined ? api.address : serverUrlOf(elsewhere);
  return new IngressSupervisor({
    dataDir: join(config.dataDir, 'ingress'),
    program: [process.execPath, ingressProgram()],
    serverUrl,
    bindAddress: config.ingress.bindAddress,
    name: `${config.name}-ingress`,
    tokenFile: tokens && config.auth ? config.auth.agentTokenFile : undefined,
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
