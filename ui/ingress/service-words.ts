/** A service and its instances in words, and what an action by hand will do: pure. */
import type {
  BackendStanding,
  FrontendStanding,
  PoolStanding,
  ServerStanding,
} from '../../src/model/ingress-status.ts';
import type { Tone } from '../kit/badge.tsx';
import { counted } from '../kit/words.ts';

/** "default/shop/web": the job may have slashes of its own. */
export const serviceOf = (backend: string): string => backend.slice(backend.lastIndexOf('/') + 1);
export const jobOf = (backend: string): string => backend.split('/').slice(1, -1).join('/');

/** "https :8443 shop.example/api". */
export function wayWords({ Mode, TLS, Listen, Host, Path }: FrontendStanding): string {
  const scheme = Mode === 'tcp' ? (TLS ? 'tls' : 'tcp') : TLS ? 'https' : 'http';
  const rest = Mode === 'tcp' ? '' : ` ${Host || 'any host'}${Path === '/' ? '' : Path}`;
  return `${scheme} :${Listen}${rest}`;
}

/** Where a browser gets there; undefined: it cannot tell, or it is no page. */
export function wayUrl({ Mode, TLS, Listen, Host, Path }: FrontendStanding, here: string): string | undefined {
  if (Mode === 'tcp' || Host.includes('*')) return undefined;
  return `${TLS ? 'https' : 'http'}://${Host || here}:${Listen}${Path || '/'}`;
}

export const serversOf = ({ Pools }: BackendStanding): readonly ServerStanding[] =>
  Pools.flatMap(({ Servers }) => Servers);

export const poolName = ({ Name, Group }: PoolStanding): string => (Group ? `${Name} of ${Group}` : Name);

export const stateTone: Readonly<Record<ServerStanding['State'], Tone>> = {
  ready: 'good',
  unhealthy: 'bad',
  draining: 'wait',
  drained: 'quiet',
  unknown: 'quiet',
};

/** What somebody set by hand; "": nothing. */
export function overrideWords({ Override }: ServerStanding): string {
  if (!Override) return '';
  return [
    Override.Drained && 'drained',
    Override.Weight !== undefined && `weight ${Override.Weight}%`,
    Override.Backends?.length && `also behind ${Override.Backends.join(', ')}`,
  ]
    .filter(Boolean)
    .join(', ');
}

const othersReady = (server: ServerStanding, pool: PoolStanding): readonly ServerStanding[] =>
  pool.Servers.filter(({ AllocID, State, Weight }) => AllocID !== server.AllocID && State === 'ready' && Weight > 0);

export function drainWords(server: ServerStanding, pool: PoolStanding): readonly string[] {
  const others = othersReady(server, pool).length;
  return [
    'It gets no new request, whatever its health. It runs on until somebody makes it ready again, or its job stops it.',
    server.InFlight > 0
      ? `${counted(server.InFlight, 'request')} in flight ${server.InFlight === 1 ? 'ends' : 'end'} in ${server.InFlight === 1 ? 'its' : 'their'} own time.`
      : 'Nothing is in flight there.',
    others === 0
      ? `It is the last one of its pool that is ready: requests wait, and are refused if none becomes ready in time.`
      : `${counted(others, 'other instance')} of the pool ${others === 1 ? 'takes' : 'take'} its part.`,
  ];
}

export const readyWords = (server: ServerStanding): readonly string[] => [
  `What was set by hand (${overrideWords(server) || 'nothing'}) is forgotten: it gets requests as soon as node and ingress find it healthy.`,
];

export function weightWords(server: ServerStanding, pool: PoolStanding, weight: number): readonly string[] {
  const others = othersReady(server, pool).reduce((sum, { Weight }) => sum + Weight, 0);
  const share = weight + others === 0 ? 0 : Math.round((100 * weight) / (weight + others));
  return [
    weight === 0
      ? 'It gets nothing new.'
      : `It gets ${weight}% of what an ordinary instance gets: about ${share}% of its pool's requests.`,
  ];
}
