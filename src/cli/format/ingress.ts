/** The ingresses as text: who they are, the ways in, the pools and their instances. */
import type { IngressOverride } from '../../model/ingress.ts';
import type { BackendStanding, IngressStatus, PoolStanding, ServerStanding } from '../../model/ingress-status.ts';
import { formatList } from './table.ts';
import { figureCells, VERSION_HEAD } from './version-figures.ts';
import { idOf, type View } from './words.ts';

export function formatIngressStatus(status: IngressStatus, view: View): string {
  if (status.Ingresses.length === 0) return 'No ingress has reported yet';
  const parts = [
    formatIngresses(status, view),
    `Frontends\n${formatFrontends(status)}`,
    ...status.Backends.map((backend) => formatBackend(backend, view)),
  ];
  return parts.join('\n\n');
}

function formatIngresses({ Ingresses }: IngressStatus, view: View): string {
  const rows = Ingresses.map((each) => [
    idOf(each.ID, view),
    each.Name,
    each.DataPlane,
    each.IsPresent ? 'present' : 'owing',
    String(each.AppliedIndex),
    each.Problems.map(({ Listen, Message }) => `port ${Listen}: the ingress ${Message}`).join('; ') || '-',
  ]);
  return formatList([['ID', 'Name', 'Data plane', 'Lease', 'Applied', 'Problems'], ...rows]);
}

function formatFrontends({ Frontends }: IngressStatus): string {
  if (Frontends.length === 0) return 'No service has an ingress';
  const rows = Frontends.map(({ Listen, Mode, TLS, Host, Path, Backend }) => [
    String(Listen),
    TLS ? `${Mode}, TLS` : Mode,
    Host === '' ? '*' : Host,
    Mode === 'tcp' ? '-' : Path,
    Backend,
  ]);
  return formatList([['Listen', 'Mode', 'Host', 'Path', 'Backend'], ...rows]);
}

const SERVER_HEAD = ['Allocation', 'Address', 'Version', 'State', 'Weight', 'Requests', 'In flight', 'By hand'];

function formatBackend({ ID, Pools }: BackendStanding, view: View): string {
  const parts = Pools.map((pool) => [poolLine(pool), ...formatVersions(pool), formatServers(pool, view)].join('\n'));
  return [`Backend "${ID}"`, ...parts].join('\n');
}

function poolLine({ Name, Group, Weight, Requests, Errors, InFlight }: PoolStanding): string {
  const whose = Group === undefined ? '' : ` of group "${Group}"`;
  const share = `${Number(Weight.toFixed(2))}% of the requests`;
  return `Pool ${Name}${whose}: ${share}; ${Requests} so far, ${Errors} failed, ${InFlight} in flight`;
}

function formatVersions({ Versions }: PoolStanding): string[] {
  const served = Versions.filter(({ Requests }) => Requests > 0);
  if (served.length === 0) return [];
  return [formatList([VERSION_HEAD, ...served.map((each) => [String(each.Version), ...figureCells(each)])])];
}

function formatServers({ Servers }: PoolStanding, view: View): string {
  if (Servers.length === 0) return 'no instance';
  return formatList([SERVER_HEAD, ...Servers.map((server) => serverRow(server, view))]);
}

const serverRow = (server: ServerStanding, view: View): string[] => [
  idOf(server.AllocID, view),
  `${server.Address}:${server.Port}`,
  String(server.Version),
  server.State,
  String(server.Weight),
  server.Requests === undefined ? '-' : String(server.Requests),
  String(server.InFlight),
  server.Override ? overrideWords(server.Override) : '-',
];

function overrideWords({ Drained, Weight, Backends = [] }: IngressOverride): string {
  const words = [
    ...(Drained ? ['drained'] : []),
    ...(Weight === undefined ? [] : [`weight ${Weight}`]),
    ...(Backends.length === 0 ? [] : [`added to ${Backends.join(', ')}`]),
  ];
  return words.join('; ');
}
