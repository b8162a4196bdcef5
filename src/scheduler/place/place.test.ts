import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../lib/random.ts';
import type { Port } from '../../model/network.ts';
import { newNode } from '../fixtures.ts';
import { beyond, type PortAsk } from './ask.ts';
import { BestOf } from './best-of.ts';
import { Candidates, sampleSize } from './candidates.ts';
import { assignPorts, hostAddress, reservedPorts, staticCollision } from './ports.ts';

const random = () => seededRandom('ports');
const port = (Label: string, Value = 0, To = 0): Port => ({ Label, Value, To, HostNetwork: 'default' });
const dynamic = (label: string, to = 0): PortAsk => ({ port: port(label, 0, to), isStatic: false });
const fixed = (label: string, value: number): PortAsk => ({ port: port(label, value), isStatic: true });

const node = newNode(0);

describe('ports', () => {
  it('gives dynamic ports from their range, none twice', () => {
    const ports = assignPorts(
      Array.from({ length: 50 }, (_, at) => dynamic(`p${at}`)),
      () => false,
      node,
      random(),
    )!;
    expect(new Set(ports.map((one) => one.Value)).size).toBe(50);
    expect(ports.every((one) => one.Value >= 20_000 && one.Value <= 32_000 && one.HostIP === '127.0.0.1')).toBe(true);
  });

  it('finds the one port that is left, and says when none is', () => {
    expect(assignPorts([dynamic('http')], (value) => value !== 20_000, node, random())?.[0]?.Value).toBe(20_000);
    expect(assignPorts([dynamic('http')], () => true, node, random())).toBeUndefined();
  });

  it('gives them from where the node says, to the last one', () => {
    const own = {
      ...node,
      NodeResources: { ...node.NodeResources, MinDynamicPort: 21_000, MaxDynamicPort: 21_002 },
    };
    const asked = ['a', 'b', 'c'].map((label) => dynamic(label));
    const given = assignPorts(asked, () => false, own, random());
    expect(given?.map((one) => one.Value).sort()).toEqual([21_000, 21_001, 21_002]);
    expect(assignPorts([...asked, dynamic('d')], () => false, own, random())).toBeUndefined();
  });

  it('never gives a static port of the same instance away', () => {
    const ports = assignPorts([dynamic('http'), fixed('admin', 20_000)], (value) => value > 20_001, node, random());
    expect(ports?.map((one) => one.Value)).toEqual([20_001, 20_000]);
  });

  it('maps a port that is to be the same inside', () => {
    const [given] = assignPorts([dynamic('http', -1)], () => false, node, random())!;
    expect(given!.To).toBe(given!.Value);
  });

  it('names a static port that is taken', () => {
    expect(staticCollision([dynamic('x'), fixed('http', 8080)], (value) => value === 8080)).toBe(
      'network: reserved port collision http=8080',
    );
    expect(staticCollision([fixed('http', 8080)], () => false)).toBe('');
  });

  it('reads the ports that a node keeps for itself, and its address', () => {
    const kept = { ...node.ReservedResources, Networks: { ReservedHostPorts: '22, 80,8500-8502,junk' } };
    expect([...reservedPorts({ ...node, ReservedResources: kept })]).toEqual([22, 80, 8500, 8501, 8502]);
    expect(hostAddress(node)).toBe('127.0.0.1');
  });
});

describe('candidates', () => {
  it('goes round in a shuffled order and forgets who was dropped, until all are brought back', () => {
    const candidates = new Candidates([1, 2, 3, 4], seededRandom('round'));
    const round = () => {
      const seen: number[] = [];
      for (let at = 0; at < candidates.live; at++) {
        seen.push(candidates.peek());
        candidates.keep();
      }
      return seen.sort();
    };
    expect(round()).toEqual([1, 2, 3, 4]);
    const gone = candidates.peek();
    candidates.drop();
    expect(round()).toEqual([1, 2, 3, 4].filter((number) => number !== gone));
    candidates.revive();
    expect(round()).toEqual([1, 2, 3, 4]);
  });

  it.each([
    [1, false, 8],
    [1000, false, 10],
    [5000, false, 13],
    [5000, true, 100],
  ])('looks at a sample: %d nodes, picky %s: %d', (nodes, picky, expected) => {
    expect(sampleSize(nodes, picky)).toBe(expected);
  });
});

describe('the best few', () => {
  it('are kept best first, the first of equals first', () => {
    const best = new BestOf(3);
    for (const [number, rank] of [
      [1, 0.2],
      [2, 0.9],
      [3, 0.2],
      [4, 0.5],
      [5, 0.1],
      [6, 0.9],
    ] as const)
      best.offer(number, rank);
    expect([0, 1, 2].map((at) => best.number(at))).toEqual([2, 6, 4]);
    best.clear();
    expect(best.held).toBe(0);
  });
});

describe('room', () => {
  it('of a predecessor leaves to be found only what is beyond it', () => {
    const ask = { cpu: 300, memoryMB: 64, diskMB: 300 };
    expect(beyond(ask, { cpu: 100, memoryMB: 128, diskMB: 300 })).toEqual({ cpu: 200, memoryMB: 0, diskMB: 0 });
  });
});
