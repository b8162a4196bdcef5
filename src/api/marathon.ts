/**
 * A typed client of Marathon's /v2, Serin's own or another's: what `serin marathon` uses. Refusals are `ApiError`s with the
 * body as it came, and `ApiUnreachable` when nobody answers.
 *
 * @example
 * const marathon = createMarathonClient({ address: 'http://127.0.0.1:8080' });
 * const { deployments } = await marathon.addApp({ id: '/web', cmd: 'serve' });
 */
import { SerinError } from '../lib/errors.ts';
import { ApiError } from './api-errors.ts';
import type {
  Document,
  MarathonAppView,
  MarathonChange,
  MarathonDeploymentView,
  MarathonGroupView,
  MarathonKilled,
  MarathonQueueItem,
  MarathonTaskView,
} from './marathon-views.ts';
import { createTransport, type TransportOptions } from './node-transport.ts';
import type { Transport, TransportRequest } from './transport.ts';

export interface Forced {
  /** Cancels the deployments that hold the app. */
  readonly force?: boolean;
}

export interface KillOptions {
  /** Also lowers the app's count by the number of those killed. */
  readonly scale?: boolean;
  readonly host?: string | undefined;
  readonly wipe?: boolean;
}

export interface MarathonApi {
  readonly address: string;
  apps(): Promise<readonly MarathonAppView[]>;
  app(id: string): Promise<MarathonAppView>;
  addApp(app: unknown): Promise<MarathonAppView>;
  updateApp(id: string, change: Document, options?: Forced): Promise<MarathonChange>;
  removeApp(id: string, options?: Forced): Promise<MarathonChange>;
  restartApp(id: string, options?: Forced): Promise<MarathonChange>;
  killApp(id: string, options: KillOptions): Promise<MarathonKilled>;
  /** The newest first. */
  versions(id: string): Promise<readonly string[]>;
  version(id: string, version: string): Promise<Document>;
  tasks(appId?: string): Promise<readonly MarathonTaskView[]>;
  killTasks(ids: readonly string[], options: KillOptions): Promise<MarathonKilled>;
  deployments(): Promise<readonly MarathonDeploymentView[]>;
  rollBack(deploymentId: string): Promise<MarathonChange>;
  /** Without a way back: what was reached stays. */
  stopDeployment(deploymentId: string): Promise<void>;
  queue(): Promise<readonly MarathonQueueItem[]>;
  group(id: string, version?: string): Promise<MarathonGroupView>;
  addGroup(group: unknown): Promise<MarathonChange>;
  updateGroup(id: string, change: Document, options?: Forced): Promise<MarathonChange>;
  removeGroup(id: string, options?: Forced): Promise<MarathonChange>;
  info(): Promise<Document>;
  leader(): Promise<{ readonly leader: string }>;
  /** "pong". */
  ping(): Promise<string>;
  close(): void;
}

export const createMarathonClient = (options: TransportOptions): MarathonApi =>
  marathonApiOver(createTransport(options));

export function marathonApiOver(transport: Transport): MarathonApi {
  const send = async (request: TransportRequest): Promise<string> => {
    const { status, text } = await transport.send(request);
    if (status < 200 || status > 299) throw new ApiError(status, text.trimEnd());
    return text;
  };
  const ask = async <T>(
    method: TransportRequest['method'],
    path: string,
    options: Pick<TransportRequest, 'query' | 'body'> = {},
  ): Promise<T> => parse<T>(await send({ method, path, ...options }), transport.address);
  const get = <T>(path: string) => ask<T>('GET', path);

  return {
    address: transport.address,
    apps: async () => (await get<{ apps: MarathonAppView[] }>('/v2/apps')).apps,
    app: async (id) => (await get<{ app: MarathonAppView }>(appPath(id))).app,
    addApp: (app) => ask('POST', '/v2/apps', { body: app }),
    updateApp: (id, change, options) => ask('PUT', appPath(id), { body: change, query: forced(options) }),
    removeApp: (id, options) => ask('DELETE', appPath(id), { query: forced(options) }),
    restartApp: (id, options) => ask('POST', appPath(id, '/restart'), { query: forced(options) }),
    killApp: (id, options) => ask('DELETE', appPath(id, '/tasks'), { query: killed(options) }),
    versions: async (id) => (await get<{ versions: string[] }>(appPath(id, '/versions'))).versions,
    version: (id, version) => get(appPath(id, `/versions/${encodeURIComponent(version)}`)),
    tasks: async (appId) =>
      (await get<{ tasks: MarathonTaskView[] }>(appId === undefined ? '/v2/tasks' : appPath(appId, '/tasks'))).tasks,
    killTasks: (ids, options) => ask('POST', '/v2/tasks/delete', { body: { ids }, query: killed(options) }),
    deployments: () => get('/v2/deployments'),
    rollBack: (id) => ask('DELETE', `/v2/deployments/${encodeURIComponent(id)}`),
    stopDeployment: async (id) => {
      await send({ method: 'DELETE', path: `/v2/deployments/${encodeURIComponent(id)}`, query: { force: true } });
    },
    queue: async () => (await get<{ queue: MarathonQueueItem[] }>('/v2/queue')).queue,
    group: (id, version) => get(groupPath(id, version === undefined ? '' : `/versions/${encodeURIComponent(version)}`)),
    addGroup: (group) => ask('POST', '/v2/groups', { body: group }),
    updateGroup: (id, change, options) => ask('PUT', groupPath(id), { body: change, query: forced(options) }),
    removeGroup: (id, options) => ask('DELETE', groupPath(id), { query: forced(options) }),
    info: () => get('/v2/info'),
    leader: () => get('/v2/leader'),
    ping: async () => (await send({ method: 'GET', path: '/ping' })).replaceAll('"', '').trim(),
    close: () => transport.close(),
  };
}

const forced = ({ force }: Forced = {}) => (force ? { force: true } : {});

const killed = ({ scale, host, wipe }: KillOptions) => ({
  ...(scale && { scale: true }),
  ...(wipe && { wipe: true }),
  ...(host !== undefined && { host }),
});

/** "/shop/web", "shop/web" and "//shop/web" are one app. */
const appPath = (id: string, rest = ''): string => `/v2/apps${encoded(id)}${rest}`;
const groupPath = (id: string, rest = ''): string => `/v2/groups${encoded(id)}${rest}`;

const encoded = (id: string): string =>
  id
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => `/${encodeURIComponent(segment)}`)
    .join('');

function parse<T>(text: string, address: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new SerinError('internal', `what answers at ${address} does not speak Marathon's language (no JSON)`, {
      cause,
    });
  }
}
