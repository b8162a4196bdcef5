/** What zdd.py and others read from marathon-lb's port. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Backend, BackendServer, IngressReport, IngressServerStatus, Route } from '../../model/ingress.ts';
import { LB_PATHS, lbAnswer } from './answers.ts';
import type { LbView } from './listeners.ts';

function server(AllocID: string, Port: number, fields: Partial<BackendServer> = {}): BackendServer {
  return { AllocID, Address: '127.0.0.1', Port, Version: 0, State: 'ready', ...fields };
}

const MAINT = { State: 'draining', IsKept: true } as const;

function backend(ID: string, Servers: BackendServer[] = []): Backend {
  const Service = ID.split('/').at(-1)!;
  const Pools = [{ Name: 'stable' as const, Weight: 100, Servers }];
  return { ID, Service, HoldMs: 0, DrainDeadlineMs: 0, Pools, Check: null };
}

const route = (Backend: Backend, Host = '', Path = '/'): Route => ({ Host, Path, Backend });

const WEB = backend('default/web/web_19500', [
  server('b1', 31660, MAINT),
  server('b2', 31967),
  server('g1', 31101),
  server('gone', 31000, { State: 'draining' }),
]);
const SHOP = backend('default/shop/cart/shop-cart', [server('s1', 20000)]);

function view(said: Record<string, IngressServerStatus> = {}, report: Partial<IngressReport> = {}): LbView {
  const table = {
    Index: 7,
    Frontends: [
      { Listen: 80, Mode: 'http' as const, Routes: [route(SHOP, 'shop.example.com', '/cart'), route(WEB, 'web.test')] },
      { Listen: 9900, Mode: 'tcp' as const, Routes: [route(backend('staging/db/db'))] },
      { Listen: 19500, Mode: 'http' as const, Routes: [route(WEB)] },
    ],
  };
  const Servers = Object.fromEntries(
    ['b2:31967', 'g1:31101', 's1:20000'].map((key) => [key, { State: 'ready', InFlight: 0 } as const]),
  );
  const defaults = { ID: 'i', Name: 'edge', DataPlane: 'embedded', AppliedIndex: 7 };
  return { table, report: { ...defaults, ...report, Servers: { ...Servers, ...said } } };
}

const ask = (url: string, seen: LbView = view()) => lbAnswer(url, { view: seen, pid: 4711, haproxyConfig: undefined });

/** As zdd.py takes it apart: each header must be a name, each row as long as the header. */
function parse(csv: string): Record<string, string>[] {
  const [head, ...rows] = csv.split('\n');
  expect(rows.pop()).toBe('');
  const names = head!.replace(/^# /, '').replace(/,$/, '').split(',');
  for (const name of names) expect(name).toMatch(/^[a-z_][a-z0-9_]*$/);
  expect(new Set(names).size).toBe(names.length);
  return rows.map((row) => {
    const fields = row.split(',');
    expect(fields.pop()).toBe('');
    expect(fields).toHaveLength(names.length);
    return Object.fromEntries(names.map((name, at) => [name, fields[at]!]));
  });
}

const statsOf = (seen: LbView) => parse(ask('/haproxy?stats;csv', seen).body);

const line = ({ pxname, svname, status, scur }: Record<string, string>): string =>
  `${pxname} ${svname} ${status} ${scur}`;

describe('the statistics', () => {
  it('name apps, service ports and servers as marathon-lb does, and leave out what is about to stop', () => {
    expect(statsOf(view({ 'b1:31660': { State: 'drained', InFlight: 0 } })).map(line)).toEqual([
      'shop_cart_80 FRONTEND OPEN 0',
      'shop_cart_80 127_0_0_1_20000 UP 0',
      'shop_cart_80 BACKEND UP 0',
      'staging_db_9900 FRONTEND OPEN 0',
      'staging_db_9900 BACKEND DOWN 0',
      'web_19500 FRONTEND OPEN 0',
      'web_19500 127_0_0_1_31660 MAINT 0',
      'web_19500 127_0_0_1_31967 UP 0',
      'web_19500 127_0_0_1_31101 UP 0',
      'web_19500 BACKEND UP 0',
    ]);
  });

  it.each<[string, string, IngressServerStatus | undefined, string]>([
    ['a drained one', 'b1:31660', { State: 'drained', InFlight: 0 }, 'MAINT 0'],
    ['one with requests in flight', 'b1:31660', { State: 'draining', InFlight: 3 }, 'MAINT 3'],
    ['one that is empty and not acknowledged', 'b1:31660', { State: 'draining', InFlight: 0 }, 'MAINT 1'],
    ['one that the data plane has not been told of', 'b1:31660', { State: 'ready', InFlight: 0 }, 'MAINT 1'],
    ['one that the data plane does not know', 'b1:31660', undefined, 'MAINT 1'],
    ['one that serves', 'g1:31101', { State: 'ready', InFlight: 2 }, 'UP 2'],
    ['one that fails its check', 'g1:31101', { State: 'unhealthy', InFlight: 0 }, 'DOWN 0'],
  ])('say of %s what zdd.py goes by', (_, key, said, expected) => {
    const rows = statsOf(view(said && { [key]: said }));
    const row = rows.find(({ svname }) => svname === `127_0_0_1_${key.split(':')[1]}`);
    expect(`${row?.status} ${row?.scur}`).toBe(expected);
    expect(row?.qcur).toBe('0');
  });

  it('count requests and errors, and say which port cannot be opened', () => {
    const Figures = [
      { Backend: WEB.ID, Pool: 'stable', Version: 0, Requests: 5, Errors: 1, InFlight: 2 },
      { Backend: WEB.ID, Pool: 'stable', Version: 1, Requests: 7, Errors: 0, InFlight: 1 },
    ];
    const rows = statsOf(view({}, { Figures, Problems: [{ Listen: 19500, Message: 'cannot' }] }));
    const row = rows.find(({ pxname, svname }) => pxname === 'web_19500' && svname === 'FRONTEND');
    expect(row).toMatchObject({ stot: '12', hrsp_5xx: '1', scur: '3', status: 'STOP', type: '0' });
  });

  it('tell two services of one job on one port apart', () => {
    const [a, b] = [backend('default/shop/a'), backend('default/shop/b')];
    const table = {
      Index: 1,
      Frontends: [{ Listen: 80, Mode: 'http' as const, Routes: [route(a, 'a.b'), route(b, 'c.d')] }],
    };
    const names = statsOf({ ...view(), table }).map(({ pxname }) => pxname);
    expect([...new Set(names)]).toEqual(['shop_a_80', 'shop_b_80']);
  });

  it('have the columns that HAProxy has, in its order', () => {
    const sample = new URL('../../../testdata/marathon/marathon-lb/stats.csv', import.meta.url);
    const theirs = readFileSync(sample, 'utf8').split('\n')[0]!;
    const ours = ask('/haproxy?stats;csv').body.split('\n')[0]!;
    expect(theirs.startsWith(ours)).toBe(true);
  });

  it('are a page for people, with nothing in it that a name could bring in', () => {
    const { type, body } = ask('/haproxy?stats', view({}, { Name: '<script>' }));
    expect(type).toContain('text/html');
    expect(body).toContain('<h2>web_19500</h2>');
    expect(body).not.toContain('<script>');
  });
});

describe('the other paths', () => {
  it.each<[string, number, string | RegExp]>([
    ['/_haproxy_getpids', 200, '4711'],
    ['/_haproxy_getvhostmap', 200, 'shop.example.com/cart shop_cart_80\nweb.test web_19500\n'],
    ['/_haproxy_getappmap', 200, '/shop/cart shop_cart_80\n/staging/db staging_db_9900\n/web web_19500\n'],
    ['/_haproxy_getconfig', 200, /^# The routing table of the embedded .*\n# no HAProxy.*\n[\s\S]*31660 disabled\n/],
    ['/_haproxy_health_check', 200, /^200 OK/],
    ['/_mlb_signal/hup', 200, /nothing to fetch/],
    ['/_mlb_signal/usr1', 200, /nothing to reload/],
    ['/metrics', 200, /^# HELP serin_ingress_requests_total [\s\S]*# TYPE serin_ingress_in_flight gauge\n$/],
    ['/', 404, /no such path; there are \/haproxy, /],
    ['/constructor', 404, /no such path/],
  ])('%s', (url, status, body) => {
    const answer = ask(url);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual(typeof body === 'string' ? body : expect.stringMatching(body));
  });

  it('show the configuration of HAProxy where it is the data plane', () => {
    const sources = { view: view(), pid: 1, haproxyConfig: 'global\n' };
    expect(lbAnswer('/_haproxy_getconfig', sources).body).toBe('global\n');
    const haproxyConfig = 'userlist a\n  user bob password $6$a$b\n  user ann  insecure-password secret groups x\n';
    expect(lbAnswer('/_haproxy_getconfig', { ...sources, haproxyConfig }).body).toBe(
      'userlist a\n  user bob password …\n  user ann  insecure-password … groups x\n',
    );
  });

  it('all answer before there is a table, and the health check says so', () => {
    const { report } = view();
    const none: LbView = { table: undefined, report: { ...report, Servers: {} } };
    for (const path of LB_PATHS) expect(ask(path, none).status).toBe(path === '/_haproxy_health_check' ? 503 : 200);
    expect(ask('/haproxy?stats;csv', none).body).toMatch(/^# pxname,[^\n]*,\n$/);
  });

  it('metrics are Prometheus’s, with names escaped', () => {
    const Figures = [{ Backend: 'a"b', Pool: 'stable', Version: 3, Requests: 5, Errors: 1, InFlight: 2 }];
    expect(ask('/metrics', view({}, { Figures })).body).toContain(
      'serin_ingress_errors_total{ingress="edge",backend="a\\"b",pool="stable",version="3"} 1\n',
    );
  });
});
