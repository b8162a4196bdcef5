/**
 * `/_haproxy_getconfig` where no HAProxy is: the table in HAProxy's manner, for people who look there first. The maps of
 * marathon-lb beside it: which host, and which app, leads to which backend.
 */
import type { LbListener, LbView } from './listeners.ts';

export function configText({ table, report }: LbView, listeners: readonly LbListener[]): string {
  const about = [
    `# The routing table of the ${report.DataPlane} data plane at index ${table?.Index ?? 0}, written in the manner of HAProxy:`,
    '# no HAProxy reads it. What it follows is the server; what it does with it says /haproxy?stats.',
  ];
  return [about.join('\n'), ...listeners.map(sectionOf)].join('\n\n').concat('\n');
}

function sectionOf({ name, listen, mode, servers }: LbListener): string {
  const lines = servers.map(({ name: server, address, port, status }) =>
    ['  server', server, `${address}:${port}`, ...(status === 'MAINT' ? ['disabled'] : [])].join(' '),
  );
  return [
    `frontend ${name}`,
    `  bind *:${listen}`,
    `  mode ${mode}`,
    `  use_backend ${name}`,
    '',
    `backend ${name}`,
    `  mode ${mode}`,
    ...lines,
  ].join('\n');
}

/** "www.example.com shop_web_10000", or with a path "www.example.com/cart shop_web_10000". */
export function vhostMap({ table }: LbView, listeners: readonly LbListener[]): string {
  const names = new Map(listeners.toReversed().map(({ backend, name }) => [backend.ID, name]));
  const routes = (table?.Frontends ?? []).flatMap(({ Routes }) => Routes).filter(({ Host }) => Host !== '');
  const lines = routes.map(
    ({ Host, Path, Backend }) => `${Host}${Path === '/' ? '' : Path} ${names.get(Backend.ID) ?? Backend.ID}\n`,
  );
  return [...new Set(lines)].join('');
}

/** "/shop/web shop_web_10000". */
export const appMap = (listeners: readonly LbListener[]): string =>
  listeners.map(({ app, name }) => `/${app} ${name}\n`).join('');
