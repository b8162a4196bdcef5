/** Tables whose configurations are goldens. */
import type { Backend, BackendServer, Frontend, RoutingTable } from '../../model/ingress.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { haproxyFiles } from './files.ts';
import type { RenderInput } from './render.ts';
import { type HaproxyEdge, type HaproxyTemplate, NO_TEMPLATE } from './template.ts';
import { wantedOf } from './wanted.ts';

export const GOLDEN_DIR = '/var/lib/serin/ingress/haproxy';

interface Example {
  readonly frontends: readonly Frontend[];
  readonly template?: HaproxyTemplate;
  readonly edge?: HaproxyEdge;
  readonly certificates?: string;
}

export const exampleServer = (AllocID: string, Port: number, changes: Partial<BackendServer> = {}): BackendServer => ({
  AllocID,
  Address: '10.0.0.1',
  Port,
  Version: 1,
  State: 'ready',
  ...changes,
});

export const exampleBackend = (ID: string, changes: Partial<Backend> = {}): Backend => ({
  ID,
  Service: ID.split('/')[2]!,
  HoldMs: 10_000,
  DrainDeadlineMs: 60_000,
  Check: null,
  Pools: [{ Name: 'stable', Weight: 100, Servers: [exampleServer('a', 20001), exampleServer('b', 20002)] }],
  ...changes,
});

const only = (Listen: number, Mode: Frontend['Mode'], Backend: Backend): Frontend => ({
  Listen,
  Mode,
  Routes: [{ Host: '', Path: '/', Backend }],
});

const CHECK = { Type: 'http', Path: '/health', Method: 'GET', IntervalMs: 5000, TimeoutMs: 2000 } as const;
const api = exampleBackend('default/shop/api', { Check: CHECK, StickyCookie: 'at', RequestTimeoutMs: 30_000 });
const Auth = { Realm: 'The $hop: 100%', Users: [{ Name: 'bob', Hash: '$1$saltsalt$9xy1btjgzLYfb7hivXtC//' }] };
const tried = exampleBackend('default/shop/page', { CanaryHeader: 'X-Canary', TrialCookie: 'trial' });

export const GOLDENS: Readonly<Record<string, Example>> = {
  'one-service': { frontends: [only(8080, 'http', exampleBackend('default/web/web'))] },
  'tcp-and-own-lines': {
    frontends: [only(5432, 'tcp', exampleBackend('default/my db/db', { IdleTimeoutMs: 0 }))],
    template: { global: ['maxconn 50000'], defaults: ['option tcplog'], backend: ['fullconn 1000'] },
  },
  'routes-and-tls': {
    frontends: [
      {
        Listen: 443,
        Mode: 'http',
        TLS: true,
        Routes: [
          { Host: 'shop.example.com', Path: '/api', Backend: api, Auth },
          { Host: '*.example.com', Path: '/', Backend: tried },
        ],
      },
      { Listen: 80, Mode: 'http', Routes: [], Redirects: [{ Host: 'shop.example.com', Path: '/', Port: 443 }] },
    ],
    edge: { ...DEFAULT_SETTINGS, trustedProxies: ['10.0.0.0/8'] },
    certificates: `${GOLDEN_DIR}/certificates-0`,
  },
};

export const exampleTable = ({ frontends }: Pick<Example, 'frontends'>): RoutingTable => ({
  Index: 1,
  Frontends: [...frontends],
});

export const NOTHING = { slots: new Map(), before: new Map(), checking: new Set<string>(), overdue: new Set<string>() };

export function goldenInput(example: Example, dir = GOLDEN_DIR): RenderInput {
  const { layout, servers } = wantedOf(exampleTable(example), NOTHING);
  return {
    layout,
    bindAddress: '0.0.0.0',
    files: haproxyFiles(dir),
    template: example.template ?? NO_TEMPLATE,
    edge: example.edge ?? DEFAULT_SETTINGS,
    certificates: example.certificates,
    maxHeld: 10_000,
    servers: new Map([...servers].map(([slot, each]) => [slot, [...each.values()]])),
  };
}
