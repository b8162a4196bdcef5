import { describe, expect, it } from 'vitest';
import { binaryProblem, firstAlert } from './haproxy-process.ts';
import { linesFor } from './runtime-api.ts';
import { sightsOf } from './server-statuses.ts';
import { Settling } from './settling.ts';
import {
  isUnjudged,
  isUp,
  parseDescription,
  parseMap,
  parseProcesses,
  parseStats,
  type StatRow,
} from './worker-state.ts';

const PROCESSES = `#<PID>          <type>          <reloads>       <uptime>        <version>
7632            master          1 [failed: 0]   0d00h01m23s     2.6.12-1+deb12u4
# workers
10822           worker          0               0d00h00m00s     2.6.12-1+deb12u4
# old workers
7634            worker          1               0d00h01m22s     2.6.12-1+deb12u4
# programs

`;

describe('an answer of HAProxy', () => {
  it('names its workers, old ones as such', () => {
    expect(parseProcesses(PROCESSES)).toEqual([
      { pid: 10822, isOld: false },
      { pid: 7634, isOld: true },
    ]);
  });

  it('gives rows by the names of their columns', () => {
    const text =
      'x\n\n# pxname,svname,qcur,scur,stot,status,hrsp_5xx,eresp,addr,-,\nb1,a:1,1,2,9,UP,3,1,10.0.0.1:1,x,\n\n';
    expect(parseStats(text)).toMatchObject([
      { proxy: 'b1', name: 'a:1', status: 'UP', queued: 1, current: 2, total: 9, errors: 4, address: '10.0.0.1:1' },
    ]);
    expect(parseStats('Unknown command')).toEqual([]);
  });

  it('gives maps and what it was configured by', () => {
    expect([...parseMap('0x55f1d861ca60 default:web:web 950000/a/b\n\n')]).toEqual([['default:web:web', '950000/a/b']]);
    expect(parseDescription('Pid: 1\ndescription: serin-abc\n')).toBe('serin-abc');
  });

  it.each([
    ['HAProxy version 2.6.12-1 2026/10/17\n  OPTIONS = USE_LUA=1', undefined],
    ['HAProxy version 3.1.0\nFeature list : -51D +LUA +MATH', undefined],
    ['HAProxy version 2.4.22\n USE_LUA=1', /2.4: 2.6 or later is needed/],
    ['HAProxy version 2.8.1\nFeature list : -LUA', /without Lua/],
    ['nginx', /does not say which version/],
  ])('about itself: %j', (output, problem) => {
    if (problem === undefined) expect(binaryProblem(output)).toBeUndefined();
    else expect(binaryProblem(output)).toMatch(problem);
  });

  it('names the first thing that it does not like', () => {
    const output =
      '[NOTICE]   (1) : x\n[ALERT]    (1) : config : parsing [a.cfg:3] : unknown keyword\n[ALERT] (1) : more';
    expect(firstAlert(output)).toBe('parsing [a.cfg:3] : unknown keyword');
  });
});

it('commands for a worker go in lines that HAProxy can read, each naming the worker', () => {
  expect(linesFor(7, ['a', 'b'])).toEqual(['@!7 a;@!7 b']);
  const lines = linesFor(
    7,
    Array.from({ length: 100 }, () => 'x'.repeat(500)),
  );
  expect(lines.length).toBeGreaterThan(3);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(12_000);
  expect(linesFor(7, [])).toEqual([]);
});

describe('a server', () => {
  const row = (changes: Partial<StatRow>): StatRow => ({
    ...{ proxy: 's::1', name: 'a:1', status: 'MAINT', address: '', weight: 1, checkStatus: '', current: 0, queued: 0 },
    ...{ total: 0, errors: 0, bytesIn: 0, bytesOut: 0, proxyId: 1, serverId: 1 },
    ...changes,
  });
  const current = (...rows: StatRow[]) => ({ rows, isOld: false, isDiverted: false });

  it('is up, or its first check is under way', () => {
    expect(isUp(row({ status: 'UP 1/3' }))).toBe(true);
    expect(isUnjudged(row({ status: 'DOWN', checkStatus: 'INI' }))).toBe(true);
    expect(isUnjudged(row({ status: 'DOWN', checkStatus: 'L4CON' }))).toBe(false);
  });

  it('is at rest when no worker sends it anything, old ones included', () => {
    const old = (isDiverted: boolean) => ({ rows: [row({ status: 'UP', current: 1 })], isOld: true, isDiverted });
    const sight = (...workers: Parameters<typeof sightsOf>[0]['workers']) => sightsOf({ workers }).get('a:1');
    expect(sight(current(row({})))).toMatchObject({ isAtRest: true, inFlight: 0 });
    expect(sight(current(row({})), old(false))).toMatchObject({ isAtRest: false, inFlight: 1 });
    expect(sight(current(row({})), old(true))).toMatchObject({ isAtRest: true, inFlight: 1 });
    expect(sight(current(row({ status: 'UP' })))?.upIn).toEqual(new Set(['s']));
  });

  it('is settled some milliseconds after it was found at rest, with nothing in flight', () => {
    const settling = new Settling();
    const look = (atMs: number, changes: Partial<StatRow>) => {
      settling.observe(sightsOf({ workers: [current(row(changes))] }), ['a:1', 'never-seen:1'], atMs);
      return settling.settled.has('a:1');
    };
    expect(look(1000, {})).toBe(false);
    expect(settling.settled.has('never-seen:1')).toBe(true);
    expect(look(1004, { current: 1 })).toBe(false);
    expect(look(1008, {})).toBe(true);
    expect(look(1012, { status: 'UP' })).toBe(false);
    expect(look(1016, {})).toBe(false);
  });
});
