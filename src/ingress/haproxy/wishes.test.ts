import { expect, it } from 'vitest';
import type { Backend, Pool } from '../../model/ingress.ts';
import { stickyValue } from '../sticky.ts';
import { canaryMark, trialOf } from '../trial.ts';
import { exampleBackend, exampleServer } from './render-examples.ts';
import { markEntries, stickyEntries, wishSpec, wordEntries } from './wishes.ts';

const pool = (Name: Pool['Name'], Weight: number, ...ids: string[]): Pool => ({
  Name,
  ...(Name === 'canary' && { Group: ids[0]! }),
  Weight,
  Servers: ids.map((id) => exampleServer(id, 1)),
});
const service = (Pools: Pool[], changes: Partial<Backend> = {}) => ({
  name: 'web',
  backend: exampleBackend('default/web/web', { Pools, ...changes }),
  slotOfPool: ({ Servers }: Pool) => `slot-${Servers[0]!.AllocID}`,
});

it('the names of a service, and its trial, are one text', () => {
  const names = { StickyCookie: 'at', CanaryCookie: 'canary' };
  expect(wishSpec(service([pool('stable', 100, 'a')], names))).toEqual([['web', 'at,,canary,,']]);
});

it('a word leads to the canaries of all groups whatever their weight, or to the others', () => {
  const pools = [pool('stable', 100, 'a'), pool('canary', 0, 'c'), pool('canary', 0, 'd')];
  expect(wordEntries(service(pools))).toEqual([
    ['web/always', '500000/slot-c/slot-d'],
    ['web/never', 'slot-a'],
  ]);
  expect(wordEntries(service([pool('stable', 100, 'a')]))).toEqual([]);
});

it('a cookie names who takes new requests, and nobody else', () => {
  const [drained, shut] = [exampleServer('b', 1, { State: 'draining' }), exampleServer('c', 1, { Weight: 0 })];
  const stable = pool('stable', 100, 'a');
  const pools = [{ ...stable, Servers: [...stable.Servers, drained, shut] }, pool('canary', 0, 'd')];
  expect(stickyEntries(service(pools, { StickyCookie: 'at' }))).toEqual([
    [`web/${stickyValue({ AllocID: 'a', Port: 1 })}`, 'slot-a/a:1/stable'],
  ]);
});

it('marks are there as long as canaries have a share', () => {
  const tried = service([pool('stable', 95, 'a'), pool('canary', 5, 'c')], { TrialCookie: 'trial' });
  const trial = trialOf(tried.backend)!;
  const mark = canaryMark(trial, 'c');
  expect(markEntries(tried)).toEqual([
    ['slot-a', `${trial}.`],
    ['slot-c', mark],
    [`web/${mark}`, 'slot-c'],
  ]);
  const over = service([pool('stable', 100, 'a'), pool('canary', 0, 'c')], { TrialCookie: 'trial' });
  expect(markEntries(over)).toEqual([]);
});
