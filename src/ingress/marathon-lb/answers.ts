/** What marathon-lb's port 9090 answers, path by path; pure. */
import { appMap, configText, vhostMap } from './config-text.ts';
import { figuresText } from './figures-text.ts';
import { type LbView, listenersOf } from './listeners.ts';
import { statsCsv } from './stats-csv.ts';
import { statsPage } from './stats-page.ts';

export interface LbSources {
  readonly view: LbView;
  readonly pid: number;
  /** What HAProxy runs with; undefined: there is none. */
  readonly haproxyConfig: string | undefined;
}

export interface LbAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const text = (body: string, status = 200): LbAnswer => ({ status, type: 'text/plain; charset=utf-8', body });

/**
 * One process carries requests, or one that replaces it by handing everything over; zdd.py waits while there are more (1.4:
 * more than one). What old workers of HAProxy still have in flight is in the statistics, where it holds a drain back.
 */
const PATHS: Readonly<Record<string, (sources: LbSources, query: string) => LbAnswer>> = {
  '/haproxy': ({ view }, query) => {
    const listeners = listenersOf(view);
    if (/;csv(;|$)/.test(query)) return text(statsCsv(listeners));
    return { status: 200, type: 'text/html; charset=utf-8', body: statsPage(view, listeners) };
  },
  '/_haproxy_getpids': ({ pid }) => text(String(pid)),
  '/_haproxy_getconfig': ({ view, haproxyConfig }) =>
    text(haproxyConfig === undefined ? configText(view, listenersOf(view)) : withoutPasswords(haproxyConfig)),
  '/_haproxy_getvhostmap': ({ view }) => text(vhostMap(view, listenersOf(view))),
  '/_haproxy_getappmap': ({ view }) => text(appMap(listenersOf(view))),
  '/_haproxy_health_check': ({ view }) =>
    view.table === undefined
      ? text('503 Service Unavailable: no routing table yet\n', 503)
      : text('200 OK\nService ready.\n'),
  // The table follows the server by itself, and nothing is ever restarted for it: both ask for what is done already.
  '/_mlb_signal/hup': () => text('the routing table is always the present one: nothing to fetch\n'),
  '/_mlb_signal/usr1': () => text('the data plane follows the routing table by itself: nothing to reload\n'),
  '/metrics': ({ view }) => ({
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
    body: figuresText(view.report),
  }),
};

/** Anybody may ask here. */
const withoutPasswords = (config: string): string =>
  config
    .replace(/^(\s*user\s+\S+\s+(?:insecure-)?password\s+)\S+/gm, '$1…')
    .replace(/^(\s*stats\s+auth\s+)\S+/gm, '$1…');

export const LB_PATHS: readonly string[] = Object.keys(PATHS);

/** `url`: "/haproxy?stats;csv". */
export function lbAnswer(url: string, sources: LbSources): LbAnswer {
  const at = url.indexOf('?');
  const path = at === -1 ? url : url.slice(0, at);
  const answer = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined;
  return (
    answer?.(sources, at === -1 ? '' : url.slice(at)) ?? text(`no such path; there are ${LB_PATHS.join(', ')}\n`, 404)
  );
}
