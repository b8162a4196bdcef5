import { expect, it } from 'vitest';
import type { BackendServer } from '../../model/ingress.ts';
import { cuts, Deadlines } from './overdue.ts';
import { exampleBackend, exampleServer, exampleTable } from './render-examples.ts';
import type { StatRow } from './worker-state.ts';

const table = (...Servers: BackendServer[]) => {
  const Backend = exampleBackend('default/web/web', {
    DrainDeadlineMs: 1000,
    Pools: [{ Name: 'stable', Weight: 100, Servers }],
  });
  return exampleTable({ frontends: [{ Listen: 80, Mode: 'http', Routes: [{ Host: '', Path: '/', Backend }] }] });
};
const draining = (changes: Partial<BackendServer> = {}) => exampleServer('a', 1, { State: 'draining', ...changes });

it('a deadline counts from the first table that says draining, and ends with the drain', () => {
  const deadlines = new Deadlines();
  deadlines.learn(table(draining()), 0);
  deadlines.learn(table(draining(), exampleServer('b', 2)), 900);
  expect(deadlines.passed(999)).toEqual(new Set());
  expect(deadlines.passed(1000)).toEqual(new Set(['a:1']));
  deadlines.learn(table(exampleServer('a', 1)), 1001);
  deadlines.learn(table(draining()), 1002);
  expect(deadlines.passed(1500)).toEqual(new Set());
});

it('a deadline is near two seconds before, and half-way at the latest', () => {
  const deadlines = new Deadlines();
  deadlines.learn(table(draining()), 0);
  expect(deadlines.near(499)).toEqual(new Set());
  expect(deadlines.near(500)).toEqual(new Set(['a:1']));
});

it('a deadline counts anew from when no worker sends anything new there', () => {
  const deadlines = new Deadlines();
  deadlines.learn(table(draining()), 0);
  deadlines.applied(() => false, 500);
  deadlines.applied(() => true, 900);
  deadlines.applied(() => true, 1500);
  expect(deadlines.passed(1899)).toEqual(new Set());
  expect(deadlines.passed(1900)).toEqual(new Set(['a:1']));
});

it('nobody cuts what is in flight to one that is kept', () => {
  const deadlines = new Deadlines();
  deadlines.learn(table(draining({ IsKept: true })), 0);
  expect(deadlines.passed(1_000_000)).toEqual(new Set());
});

it('only what is in flight is cut', () => {
  const row = (name: string, current: number, proxy = 'default:web:web::1') => ({ proxy, name, current }) as StatRow;
  const rows = [row('a:1', 2), row('b:2', 1), row('a:1', 0, 'default:web:web::2'), row('BACKEND', 3)];
  expect(cuts(rows, new Set(['a:1']))).toEqual(['shutdown sessions server default:web:web::1/a:1']);
});
