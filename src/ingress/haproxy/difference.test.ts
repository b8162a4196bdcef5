import { describe, expect, it } from 'vitest';
import type { Pool } from '../../model/ingress.ts';
import { difference, isDiverted, type WorkerView } from './difference.ts';
import { haproxyFiles } from './files.ts';
import { presentOf } from './present.ts';
import { exampleBackend, exampleServer, exampleTable } from './render-examples.ts';
import { MAP, wantedOf } from './wanted.ts';
import type { StatRow } from './worker-state.ts';

const FILES = haproxyFiles('/h');
const SLOT = 'default:web:web::1';

const row = (key: string, status: string, changes: Partial<StatRow> = {}): StatRow => ({
  proxy: SLOT,
  name: key,
  proxyId: 1,
  serverId: 1,
  status,
  address: `10.0.0.1:${key.split(':')[1]}`,
  weight: 100,
  checkStatus: 'L4OK',
  current: 0,
  queued: 0,
  total: 0,
  errors: 0,
  bytesIn: 0,
  bytesOut: 0,
  ...changes,
});

/** Both slots stand there, empty but for the rows. */
function commands(rows: readonly StatRow[], pools: readonly Pool[], changes = {}): string[] {
  const slots = [1, 2].map((slot) => row('BACKEND', 'UP', { proxy: `default:web:web::${slot}`, address: '' }));
  const all = [...slots, ...rows];
  const backend = exampleBackend('default/web/web', { Pools: [...pools] });
  const frontends = [{ Listen: 80, Mode: 'http' as const, Routes: [{ Host: '', Path: '/', Backend: backend }] }];
  const wanted = wantedOf(exampleTable({ frontends }), presentOf(all, new Map()));
  const pool = new Map([['default:web:web', SLOT]]);
  const maps = new Map<string, ReadonlyMap<string, string>>([[MAP.pools, pool]]);
  const worker: WorkerView = { rows: all, maps };
  return difference({
    worker,
    wanted,
    files: FILES,
    healthy: new Set(),
    passed: new Set(),
    young: new Set(),
    isOld: false,
    ...changes,
  });
}

const stable = (...Servers: Pool['Servers']): Pool => ({ Name: 'stable', Weight: 100, Servers });
const draining = (key: string, port: number) => exampleServer(key, port, { State: 'draining' });

describe('the difference', () => {
  it('is nothing where all is as it shall be', () => {
    expect(commands([row('a:1', 'UP')], [stable(exampleServer('a', 1))])).toEqual([]);
  });

  it('lets a new server in without weight, and marked down until a check has passed', () => {
    expect(commands([], [stable(exampleServer('a', 1))])).toEqual([
      expect.stringMatching(
        /^add server default:web:web::1\/a:1 10.0.0.1:1 pool-max-conn -1 pool-purge-delay 5s weight 100 check inter 2000ms /,
      ),
      `set server ${SLOT}/a:1 weight 0`,
      `enable health ${SLOT}/a:1`,
      `enable server ${SLOT}/a:1`,
      `set server ${SLOT}/a:1 health down`,
      `set server ${SLOT}/a:1 weight 100`,
    ]);
  });

  it('asks for no check of one that is known to be healthy, as when it moves from slot to slot', () => {
    const added = commands([], [stable(exampleServer('a', 1))], { healthy: new Set(['a:1']) });
    expect(added).not.toContain(`set server ${SLOT}/a:1 health down`);
  });

  it('gives one that serves the weight that somebody asked for by hand', () => {
    const weighted = (Weight: number) => [stable(exampleServer('a', 1, { Weight }))];
    expect(commands([row('a:1', 'UP')], weighted(0))).toEqual([`set server ${SLOT}/a:1 weight 0`]);
    expect(commands([row('a:1', 'UP')], weighted(300))).toEqual([`set server ${SLOT}/a:1 weight 256`]);
    expect(commands([row('a:1', 'MAINT')], [stable(draining('a', 1))])).toEqual([]);
  });

  it('tells of a check that has passed', () => {
    const passed = new Set(['a:1']);
    expect(commands([row('a:1', 'DOWN')], [stable(exampleServer('a', 1))], { passed })).toEqual([
      `set server ${SLOT}/a:1 health up`,
    ]);
  });

  it('takes out who drains, last of all, and keeps it there while the table names it', () => {
    const pools = [stable(exampleServer('b', 2), draining('a', 1))];
    expect(commands([row('a:1', 'UP'), row('b:2', 'UP')], pools)).toEqual([`set server ${SLOT}/a:1 state maint`]);
    expect(commands([row('a:1', 'MAINT'), row('b:2', 'UP')], pools)).toEqual([]);
  });

  it('deletes who has left the table, once nothing is in flight to it', () => {
    expect(commands([row('a:1', 'MAINT', { current: 1 })], [stable()])).toEqual([]);
    expect(commands([row('a:1', 'MAINT')], [stable()])).toEqual([`del server ${SLOT}/a:1`]);
    expect(commands([row('a:1', 'MAINT')], [stable()], { young: new Set([`${SLOT}/a:1`]) })).toEqual([]);
  });

  it('flips by one value where the pool stands in another slot', () => {
    const green = row('g:9', 'UP', { proxy: 'default:web:web::2' });
    expect(commands([row('a:1', 'UP'), green], [stable(exampleServer('g', 9), draining('a', 1))])).toEqual([
      'set map /h/pools.map default:web:web default:web:web::2',
      `set server ${SLOT}/a:1 state maint`,
    ]);
  });

  it('replaces a server that has moved', () => {
    const moved = exampleServer('a', 1, { Address: '10.0.0.2' });
    expect(commands([row('a:1', 'UP')], [stable(moved)])).toEqual([`set server ${SLOT}/a:1 state maint`]);
    expect(commands([row('a:1', 'MAINT')], [stable(moved)])[0]).toBe(`del server ${SLOT}/a:1`);
  });

  it('has an old worker hand over, and changes nothing else there', () => {
    expect(commands([row('a:1', 'UP')], [stable(draining('a', 1))], { isOld: true })).toEqual([
      'set map /h/pools.map default:web:web default:web:web::next',
    ]);
    const maps = new Map([[MAP.pools, new Map([['default:web:web', 'default:web:web::next']])]]);
    expect(isDiverted({ maps })).toBe(true);
  });
});
