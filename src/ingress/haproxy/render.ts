/** The text of HAProxy's configuration. Pure; what it renders is compared with goldens and checked by HAProxy itself. */
import { createHash } from 'node:crypto';
import { assertNever } from '../../lib/assert.ts';
import { UNKNOWN_USER } from '../embedded/password-gate.ts';
import { type HaproxyFiles, mapFile } from './files.ts';
import { LATENCY_TABLE, latencyLines, latencyTable } from './latencies.ts';
import { luaScript } from './lua-script.ts';
import {
  frontendName,
  HOLD_SERVER,
  holdName,
  LOGINS,
  nextName,
  noneName,
  slotName,
  TURNS,
  usersName,
  waitName,
} from './names.ts';
import { ANY_HOST, REDIRECT, routesMap } from './route-maps.ts';
import type { HaproxyEdge, HaproxyTemplate } from './template.ts';
import {
  type Layout,
  type LayoutFrontend,
  type LayoutLock,
  type LayoutService,
  MAP,
  type WantedServer,
} from './wanted.ts';

export interface RenderInput {
  readonly layout: Layout;
  readonly bindAddress: string;
  readonly files: HaproxyFiles;
  readonly template: HaproxyTemplate;
  readonly edge: HaproxyEdge;
  /** The folder of the certificates that are shown on ports with TLS. */
  readonly certificates: string | undefined;
  /** How many requests may wait at a time. */
  readonly maxHeld: number;
  /** By slot: those that are known to be healthy. All others come in by the runtime API, when a check has passed. */
  readonly servers: ReadonlyMap<string, readonly WantedServer[]>;
}

/** What a worker is asked by: its configuration without its servers. */
export function layoutId(input: Omit<RenderInput, 'servers'>): string {
  const script = luaScript(input.files, input.maxHeld);
  const text = [script, ...sections({ ...input, servers: new Map() }, '')].join('\n');
  return `serin-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

export function renderConfig(input: RenderInput): string {
  return `${sections(input, layoutId(input)).join('\n\n')}\n`;
}

function sections(input: RenderInput, id: string): string[] {
  const { frontends, services } = input.layout;
  return [
    '# Written by Serin; what is changed here by hand is lost. Lines of your own: `ingress { haproxy { … } }`.',
    section('global', [...globalLines(input, id), ...input.template.global]),
    section('defaults', [...defaultLines(input), ...input.template.defaults]),
    ...frontends.flatMap(({ locks, listen }) => locks.map((lock) => usersSection(lock, listen))),
    ...frontends.map((frontend) =>
      section(`frontend ${frontendName(frontend.listen)}`, frontendLines(frontend, input)),
    ),
    turnsSection(),
    ...(frontends.some(({ locks }) => locks.length > 0) ? [loginsSection()] : []),
    section(`backend ${LATENCY_TABLE}`, latencyTable()),
    ...numbered(services).flatMap(([service, first]) => serviceSections(service, first, input)),
  ];
}

const section = (title: string, lines: readonly string[]): string =>
  [title, ...lines.map((line) => `  ${line}`)].join('\n');

function globalLines({ files }: RenderInput, id: string): string[] {
  return [
    `stats socket ${files.workerSocket} mode 600 level admin expose-fd listeners`,
    `lua-load ${files.lua}`,
    `description ${id}`,
  ];
}

/** `idle-close-on-response`: at a reload no kept-alive connection is reset, it moves when it is next used. */
const defaultLines = ({ edge }: RenderInput): string[] => [
  'mode http',
  'timeout connect 5s',
  'timeout client 1h',
  'timeout server 300s',
  `timeout http-request ${edge.headerTimeoutMs}ms`,
  `timeout http-keep-alive ${edge.keepAliveTimeoutMs}ms`,
  'timeout tunnel 1h',
  'option idle-close-on-response',
  'option abortonclose',
  'option splice-auto',
  'option redispatch 1',
  'retries 3',
  'retry-on conn-failure empty-response',
];

function frontendLines(frontend: LayoutFrontend, input: RenderInput): string[] {
  const first = [`mode ${frontend.mode}`, bindLine(frontend, input), ...trustLines(input)];
  switch (frontend.mode) {
    case 'tcp':
      return [
        ...first,
        ...tcpGuard(frontend),
        ...chooseLines('tcp-request content', frontend, `str(${frontend.only})`, input),
      ];
    case 'http':
      return [...first, ...forwardedLines(frontend, input), ...httpChoice(frontend, input)];
    default:
      return assertNever(frontend.mode);
  }
}

function bindLine({ listen, mode, hasTls }: LayoutFrontend, { bindAddress, certificates }: RenderInput): string {
  const place = `bind ${bindAddress.includes(':') ? `[${bindAddress}]` : bindAddress}:${listen}`;
  if (!hasTls) return place;
  return `${place} ssl crt ${certificates}${mode === 'http' ? ' alpn h2,http/1.1' : ''}`;
}

/** A load balancer that says by a PROXY header whom it stands for is not asked for it in the request's head as well. */
function trustLines({ edge: { trustedProxies, acceptsProxyProtocol } }: RenderInput): string[] {
  if (trustedProxies.length === 0) return [];
  const from = `if { src ${trustedProxies.join(' ')} }`;
  if (acceptsProxyProtocol) return [`tcp-request connection expect-proxy layer4 ${from}`];
  return [`tcp-request connection set-var(sess.trusted) int(1) ${from}`];
}

/** What a client says about itself is dropped: anybody may write it. What load balancers of ours say is kept. */
function forwardedLines({ hasTls }: LayoutFrontend, { edge }: RenderInput): string[] {
  const hasTrusted = edge.trustedProxies.length > 0 && !edge.acceptsProxyProtocol;
  // Without load balancers of ours all but the first are replaced below, which drops them too.
  const dropped = [
    'X-Forwarded-For',
    ...(hasTrusted ? ['X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Forwarded-Port'] : []),
  ];
  const unless = hasTrusted ? ' unless { var(sess.trusted) -m found }' : '';
  const added = (name: string, value: string) =>
    `http-request set-header ${name} ${value}${hasTrusted ? ` unless { req.hdr(${name}) -m found }` : ''}`;
  return [
    'http-request lua.serin_hop if { req.fhdr(connection) -m found } !{ req.fhdr(connection) -m str -i close keep-alive upgrade }',
    'http-request del-header Proxy',
    'http-request del-header Forwarded',
    // How long an instance keeps its connections says nothing about ours.
    'http-response del-header Keep-Alive',
    ...dropped.map((name) => `http-request del-header ${name}${unless}`),
    'option forwardfor',
    added('X-Forwarded-Proto', hasTls ? 'https' : 'http'),
    added('X-Forwarded-Host', '%[req.hdr(host)]'),
    added('X-Forwarded-Port', '%[dst_port]'),
  ];
}

function httpChoice(frontend: LayoutFrontend, input: RenderInput): string[] {
  if (frontend.only !== undefined)
    return [
      ...httpGuards(frontend),
      ...lockLines(frontend),
      ...hstsLines(frontend),
      ...chooseLines('http-request', frontend, `str(${frontend.only})`, input),
    ];
  return [
    ...routeLines(frontend, input),
    ...redirectLines(),
    'http-request return status 404 content-type "text/plain; charset=utf-8"' +
      ' lf-string "no service here answers to %[req.hdr(host)]%[path]\\n" unless { var(txn.service) -m found }',
    ...httpGuards(frontend),
    ...lockLines(frontend),
    ...hstsLines(frontend),
    ...chooseLines('http-request', frontend, 'var(txn.service)', input),
  ];
}

/** After the route is known, before a pool is chosen. */
const httpGuards = ({ guards, only }: LayoutFrontend): string[] =>
  guards.map(({ service, networks }) => {
    const ofService = only === undefined ? `{ var(txn.service) -m str ${service} } ` : '';
    return (
      'http-request return status 403 content-type "text/plain; charset=utf-8"' +
      ` lf-string "%[src] may not come in here\\n" if ${ofService}!{ src ${networks.join(' ')} }`
    );
  });

/**
 * A password is looked at once in a while: each look takes thousands of rounds. What was right is kept by its digest,
 * together with the list that it was right for; a change of a list is a new worker, which knows of none.
 */
const lockLines = ({ locks, only, listen }: LayoutFrontend): string[] =>
  locks.flatMap(({ service, Realm }) => {
    const list = usersName(service, listen);
    const ofService = only === undefined ? ` { var(txn.service) -m str ${service} }` : '';
    const isKnown = `var(txn.login),in_table(${LOGINS})`;
    return [
      `http-request set-var-fmt(txn.login) "${list} %[req.fhdr(authorization,1)]" if${ofService} { req.fhdr(authorization) -m found }`,
      `http-request set-var(txn.login) var(txn.login),sha2(256),hex if${ofService} { var(txn.login) -m found }`,
      'http-request return status 401 content-type "text/plain; charset=utf-8"' +
        ` string "${quoted(UNKNOWN_USER)}\\n" hdr WWW-Authenticate "${literal(`Basic realm="${Realm}"`)}"` +
        ` if${ofService} !{ ${isKnown} } !{ http_auth(${list}) }`,
      `http-request track-sc0 var(txn.login) table ${LOGINS}${ofService === '' ? '' : ` if${ofService}`}`,
    ];
  });

const usersSection = ({ service, Users }: LayoutLock, listen: number): string =>
  section(
    `userlist ${usersName(service, listen)}`,
    Users.map(({ Name, Hash }) => `user ${Name} password ${Hash}`),
  );

/** What the instance itself says of it counts. */
const hstsLines = ({ hsts, only }: LayoutFrontend): string[] =>
  hsts.map(({ service, seconds }) => {
    const ofService = only === undefined ? `{ var(txn.service) -m str ${service} } ` : '';
    const name = 'Strict-Transport-Security';
    return `http-response set-header ${name} max-age=${seconds} if ${ofService}!{ res.hdr(${name}) -m found }`;
  });

const tcpGuard = ({ guards }: LayoutFrontend): string[] =>
  guards.map(({ networks }) => `tcp-request content reject unless { src ${networks.join(' ')} }`);

/** In the order of `compareRoutes`: the host itself, its wildcards, any host. */
function routeLines({ listen, wildcards }: LayoutFrontend, { files }: RenderInput): string[] {
  const map = mapFile(files, routesMap(listen));
  // Not "txn.place": that one is the place on the line, and one that is set counts as a user's own.
  const lookUp = (start: string, condition: string) => [
    `http-request set-var-fmt(txn.address) "${start}%[path]/" ${condition}`.trimEnd(),
    `http-request set-var(txn.service) var(txn.address),map_beg(${map}) ${condition}`.trimEnd(),
  ];
  const unless = 'unless { var(txn.service) -m found }';
  return [
    'http-request set-var(txn.host) req.hdr(host),host_only,rtrim(.),lower',
    ...lookUp('%[var(txn.host)]', ''),
    ...wildcards.flatMap((host) =>
      lookUp(host, `if { var(txn.host) -m end ${host.slice(1)} } !{ var(txn.service) -m found }`),
    ),
    ...lookUp(ANY_HOST, unless),
  ];
}

/** To the same place with TLS; the port is left out where it is the usual one. */
function redirectLines(): string[] {
  const target = (port: string) => `"https://%[var(txn.host)]${port}%[pathq]"`;
  return [
    `http-request redirect code 308 location ${target('')} if { var(txn.service) -m str ${REDIRECT}443 }`,
    `http-request redirect code 308 location ${target(`:%[var(txn.service),ltrim(${REDIRECT})]`)} if { var(txn.service) -m beg ${REDIRECT} }`,
  ];
}

/** A value that names one slot is all there is to it; of several, one threshold after another is compared with one place. */
function chooseLines(rule: string, frontend: LayoutFrontend, service: string, { files }: RenderInput): string[] {
  const { choices, hearsWishes } = frontend;
  const [allow, mixed] = [rule === 'http-request' ? 'allow' : 'accept', 'if { var(txn.pool) -m sub / }'];
  const step = [
    `${rule} set-var(txn.below) var(txn.pool),field(1,/) ${mixed}`,
    `${rule} set-var(txn.pool) var(txn.pool),field(2,/) ${mixed} { var(txn.place),sub(txn.below) lt 0 }`,
    `${rule} set-var(txn.pool) var(txn.pool),field(3,/,0) ${mixed}`,
  ];
  return [
    `${rule} set-var(txn.pool) ${service},map_str(${mapFile(files, MAP.pools)})`,
    ...(hearsWishes ? wishLines(frontend, service, files) : []),
    `${rule} ${allow} unless { var(txn.pool) -m sub / }`,
    ...placeLines(rule, service, hearsWishes),
    ...Array.from({ length: choices - 1 }, () => step).flat(),
    'use_backend %[var(txn.pool)]',
  ];
}

/** Only requests of a service that names cookies or headers meet the script. */
const wishLines = ({ only }: LayoutFrontend, service: string, files: HaproxyFiles): string[] => [
  ...(only === undefined ? [] : [`http-request set-var(txn.service) ${service}`]),
  `http-request lua.serin_wish if { ${service},map_str(${mapFile(files, MAP.wishes)}) -m found }`,
];

/**
 * By turns over a line of a million, for each service: of any 100 requests in a row each hundredth of the line gets one,
 * and over 10,000 such rounds each place once. A user of a trial has a place already.
 */
function placeLines(rule: string, service: string, hearsWishes: boolean): string[] {
  const unless = hearsWishes ? ' unless { var(txn.place) -m found }' : '';
  return [
    `${rule} track-sc2 ${service} table ${TURNS}`,
    `${rule} set-var(txn.turn) sc_inc_gpc0(2)`,
    `${rule} set-var(txn.drift) var(txn.turn),div(100),mul(6181),mod(10000)`,
    `${rule} set-var(txn.place) var(txn.turn),mul(61),mod(100),mul(10000),add(txn.drift)${unless}`,
  ];
}

/** A counter for each service, so that its requests take turns whatever others do. */
const turnsSection = (): string => section(`backend ${TURNS}`, ['stick-table type string len 256 size 10k store gpc0']);

const loginsSection = (): string => section(`backend ${LOGINS}`, ['stick-table type string len 65 size 10k expire 5m']);

/** Each with the number of its first slot. */
function numbered(services: readonly LayoutService[]): [LayoutService, number][] {
  let next = 1;
  return services.map((service) => {
    const first = next;
    next += service.slots;
    return [service, first];
  });
}

function serviceSections(service: LayoutService, first: number, input: RenderInput): string[] {
  const { name, slots } = service;
  const numbers = Array.from({ length: slots }, (_, index) => index + 1);
  return [
    ...numbers.map((slot) => {
      const lines = slotLines(service, slot, input);
      return section(`backend ${slotName(name, slot)}`, [...lines, ...timeLines(service, first + slot - 1, input)]);
    }),
    ...[waitName(name), nextName(name)].map((backend) =>
      section(`backend ${backend}`, [`mode ${service.mode}`, holdServer(service, input)]),
    ),
    section(`frontend ${holdName(name)}`, holdLines(service, input)),
    section(`backend ${noneName(name)}`, noneLines(service)),
  ];
}

function slotLines(service: LayoutService, slot: number, input: RenderInput): string[] {
  const { mode, name, check, balance } = service;
  const servers = input.servers.get(slotName(name, slot)) ?? [];
  return [
    `mode ${mode}`,
    `balance ${balance}`,
    ...(balance === 'source' ? ['hash-type consistent sdbm avalanche'] : []),
    ...(mode === 'http' ? ['http-request disable-l7-retry unless { method GET HEAD OPTIONS TRACE }'] : []),
    `timeout check ${check.TimeoutMs}ms`,
    ...timeoutLines(service),
    ...(check.Type === 'http' ? httpCheck(service, input) : []),
    ...(mode === 'http' ? ownAnswers(service, input) : []),
    ...(service.hearsWishes ? boundLines(service, input) : []),
    ...input.template.backend,
    ...servers.map((server) => `server ${server.key} ${serverOptions(server)}`),
    holdServer(service, input),
  ];
}

/** The slot's number is what its times are counted under. */
const timeLines = ({ mode }: LayoutService, number: number, { files }: RenderInput): string[] =>
  mode === 'tcp' ? [] : [`id ${number}`, ...latencyLines(number, files.steps)];

/** Who came with a cookie gets to its instance if that is up; whoever got elsewhere is told by a new one. */
function boundLines({ stickyCookie, trialCookie }: LayoutService, { files }: RenderInput): string[] {
  const attributes = 'Path=/; HttpOnly; SameSite=Lax%[var(txn.secure)]';
  const set = (name: string, value: string) => `http-response add-header Set-Cookie "${name}=${value}; ${attributes}"`;
  return [
    'http-request set-var(txn.secure) str("; Secure") if { req.hdr(X-Forwarded-Proto) https }',
    ...(stickyCookie === undefined
      ? []
      : [
          'use-server %[var(txn.server)] if { var(txn.server) -m found }',
          `${set(stickyCookie, STICKY_VALUE)} unless { srv_name ${HOLD_SERVER} } || { srv_name,strcmp(txn.server) eq 0 }`,
        ]),
    ...(trialCookie === undefined
      ? []
      : [
          `http-response set-var(txn.fresh) be_name,map_str(${mapFile(files, MAP.marks)}) unless { var(txn.word) -m found }`,
          'http-response unset-var(txn.fresh) if { var(txn.fresh) -m end . } { var(txn.bound) -m found }',
          'http-response set-var-fmt(txn.fresh) "%[var(txn.fresh)]%[var(txn.place)]" if { var(txn.fresh) -m end . }',
          `${set(trialCookie, '%[var(txn.fresh)]')} if { var(txn.fresh) -m found }` +
            ` !{ srv_name ${HOLD_SERVER} } !{ var(txn.fresh),strcmp(txn.mark) eq 0 }`,
        ]),
  ];
}

/** `stickyValue`, in HAProxy's words: a server's name is its key. */
const STICKY_VALUE = '%[srv_name,sha2(256),hex,lower,bytes(0,16)]';

/** HAProxy has one timeout for a silent instance, before its answer and within it. 0: none that anybody would see. */
function timeoutLines({ mode, requestTimeoutMs, idleTimeoutMs }: LayoutService): string[] {
  const idle = timeText(idleTimeoutMs);
  return [`timeout server ${mode === 'tcp' ? idle : timeText(requestTimeoutMs)}`, `timeout tunnel ${idle}`];
}

const timeText = (ms: number): string => (ms === 0 ? '20d' : `${ms}ms`);

/** HAProxy's own answers, in the words of the other data plane. What is cut at the drain deadline is a 502 as well. */
function ownAnswers({ backendId }: LayoutService, { files }: RenderInput): string[] {
  const said = (status: number, words: string) =>
    `http-error status ${status} content-type "text/plain; charset=utf-8" lf-string "an instance of ${literal(backendId)} ${words}\\n"`;
  const isEnded = `srv_name,map_str_int(${mapFile(files, MAP.ends)},0),bool`;
  return [
    said(502, `%[${isEnded},iif('has to stop: send it again','closed the connection before its answer was complete')]`),
    said(504, 'took too long to answer'),
  ];
}

function httpCheck({ check }: LayoutService, { files }: RenderInput): string[] {
  const path = `uri-lf %[srv_name,map_str(${mapFile(files, MAP.checks)},/)]`;
  return [
    'option httpchk',
    `http-check send meth ${check.Method || 'GET'} ${path} ver HTTP/1.1 hdr Host localhost hdr User-Agent serin-ingress-check`,
    'http-check expect status 200-399',
  ];
}

/** A refused connection is enough to lose all traffic until a check has passed. */
export function serverOptions(server: WantedServer): string {
  const { address, port, check, isChecked, isH2c, sendProxy, weight, number } = server;
  const { IntervalMs } = check;
  const place = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const protocol = `${isH2c ? ' proto h2' : ''}${sendProxy === undefined ? '' : SEND_PROXY[sendProxy]}${KEPT} weight ${weight}${number === undefined ? '' : ` id ${number}`}`;
  if (!isChecked) return `${place}${protocol}`;
  return (
    `${place}${protocol} check inter ${IntervalMs}ms fastinter ${Math.min(IntervalMs, 100)}ms` +
    ` downinter ${Math.min(IntervalMs, 500)}ms rise 1 fall 3 observe layer4 error-limit 1 on-error mark-down`
  );
}

/** A server that is added later has no defaults: without this every request would open a connection of its own. */
const KEPT = ' pool-max-conn -1 pool-purge-delay 5s';

const SEND_PROXY = { v1: ' send-proxy check-send-proxy', v2: ' send-proxy-v2 check-send-proxy' } as const;

const holdServer = ({ name }: LayoutService, { files }: RenderInput): string =>
  `server ${HOLD_SERVER} unix@${files.holdSocket(name)} send-proxy-v2 backup`;

function holdLines({ name, mode }: LayoutService, { files }: RenderInput): string[] {
  const rule = mode === 'tcp' ? 'tcp-request content' : 'http-request';
  return [
    `mode ${mode}`,
    `bind unix@${files.holdSocket(name)} mode 600 accept-proxy`,
    // In mode "tcp" a script may wait only as long as the content may be inspected.
    ...(mode === 'tcp' ? ['tcp-request inspect-delay 1d'] : []),
    `${rule} lua.serin_hold ${name}`,
    'use_backend %[var(txn.pool)] if { var(txn.pool) -m found }',
    `default_backend ${noneName(name)}`,
  ];
}

function noneLines({ mode, refusal }: LayoutService): string[] {
  if (mode === 'tcp') return ['mode tcp', 'tcp-request content reject'];
  return [
    'mode http',
    `http-request return status 503 content-type "text/plain; charset=utf-8" string "${quoted(refusal)}\\n" hdr Retry-After 1`,
  ];
}

/** In a text with values in it. */
const literal = (text: string): string => quoted(text.replaceAll('%', '%%'));

const quoted = (text: string): string => text.replace(/[\\"$]/g, '\\$&');
