/** /v2/info, /v2/leader, /v2/plugins, /ping: what clients ask before anything else. */

import { SERVICE_PORTS } from '../../marathon/service-ports.ts';
import { json, text } from '../answer.ts';
import type { MarathonDeps } from './deps.ts';
import type { MarathonRoute } from './route.ts';

/** Whose form the answers have. */
const IMITATED = '1.4.13';

export const infoRoutes = (deps: MarathonDeps): readonly MarathonRoute[] => [
  { path: '/v2/info', GET: () => json(infoOf(deps)) },
  {
    path: '/v2/leader',
    GET: () => json({ leader: deps.address }),
    // There is one server: it leads again at once.
    DELETE: () => json({ message: 'Leadership abdicated' }),
  },
  { path: '/v2/plugins', GET: () => json({ plugins: [] }) },
  {
    path: '/ping',
    GET: ({ headers }) => (/application\/json/.test(headers.accept ?? '') ? json('pong') : text(200, 'pong')),
  },
];

/** No key more and none null: some clients fail on either. */
function infoOf({ address, version, tls }: MarathonDeps): object {
  const port = portOf(address);
  return {
    name: 'marathon',
    version: IMITATED,
    buildref: `serin ${version}`,
    elected: true,
    leader: address,
    frameworkId: 'serin',
    marathon_config: {
      hostname: address.replace(/:\d+$/, ''),
      local_port_min: SERVICE_PORTS.first,
      local_port_max: SERVICE_PORTS.last + 1,
    },
    zookeeper_config: {},
    event_subscriber: null,
    // One listener, which speaks one of the two.
    http_config: tls ? { http_port: null, https_port: port } : { http_port: port, https_port: null },
  };
}

const portOf = (address: string): number => Number(/:(\d+)$/.exec(address)?.[1] ?? 0);
