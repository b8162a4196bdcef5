/**
 * `/haproxy?stats;csv`: the columns that every HAProxy since 1.5 has, in their order. Newer ones (one of them is called "-")
 * break zdd.py, which makes a Python name of each; it also wants no blank line, and a comma at the end of every line.
 */
import type { LbListener, LbServer } from './listeners.ts';

const COLUMNS = [
  ...['pxname', 'svname', 'qcur', 'qmax', 'scur', 'smax', 'slim', 'stot', 'bin', 'bout', 'dreq', 'dresp', 'ereq'],
  ...['econ', 'eresp', 'wretr', 'wredis', 'status', 'weight', 'act', 'bck', 'chkfail', 'chkdown', 'lastchg'],
  ...['downtime', 'qlimit', 'pid', 'iid', 'sid', 'throttle', 'lbtot', 'tracked', 'type', 'rate', 'rate_lim'],
  ...['rate_max', 'check_status', 'check_code', 'check_duration', 'hrsp_1xx', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx'],
  ...['hrsp_5xx', 'hrsp_other', 'hanafail', 'req_rate', 'req_rate_max', 'req_tot', 'cli_abrt', 'srv_abrt', 'comp_in'],
  ...['comp_out', 'comp_byp', 'comp_rsp', 'lastsess', 'last_chk', 'last_agt', 'qtime', 'ctime', 'rtime', 'ttime'],
] as const;

/** What is not known is left empty, as HAProxy does. */
type Row = Partial<Readonly<Record<(typeof COLUMNS)[number], string | number>>>;

const TYPES = { frontend: 0, backend: 1, server: 2 } as const;

export function statsCsv(listeners: readonly LbListener[]): string {
  const rows = listeners.flatMap(rowsOf).map((row) => lineOf(COLUMNS.map((column) => row[column] ?? '')));
  return `# ${lineOf(COLUMNS)}${rows.join('')}`;
}

const lineOf = (fields: readonly (string | number)[]): string => `${fields.join(',')},\n`;

function rowsOf(listener: LbListener, at: number): Row[] {
  const ids = { pid: 1, iid: at + 1 };
  const servers = listener.servers.map((server, number) => serverRow(listener, server, { ...ids, sid: number + 1 }));
  return [{ ...frontendRow(listener), ...ids, sid: 0 }, ...servers, { ...backendRow(listener), ...ids, sid: 0 }];
}

const frontendRow = ({ name, isOpen, inFlight, requests, errors }: LbListener): Row => ({
  pxname: name,
  svname: 'FRONTEND',
  scur: inFlight,
  stot: requests,
  status: isOpen ? 'OPEN' : 'STOP',
  type: TYPES.frontend,
  hrsp_5xx: errors,
  req_tot: requests,
});

function backendRow({ name, servers, inFlight, requests, errors }: LbListener): Row {
  const act = servers.filter(({ status }) => status === 'UP').length;
  return {
    pxname: name,
    svname: 'BACKEND',
    qcur: 0,
    scur: inFlight,
    stot: requests,
    status: act > 0 ? 'UP' : 'DOWN',
    weight: act,
    act,
    bck: 0,
    type: TYPES.backend,
    lbtot: requests,
    hrsp_5xx: errors,
  };
}

const serverRow = ({ name }: LbListener, server: LbServer, ids: Row): Row => ({
  pxname: name,
  svname: server.name,
  qcur: 0,
  scur: server.inFlight,
  status: server.status,
  weight: server.weight,
  act: server.status === 'UP' ? 1 : 0,
  bck: 0,
  type: TYPES.server,
  check_status: server.status === 'MAINT' ? '' : server.status === 'UP' ? 'L7OK' : 'L7STS',
  ...ids,
});
