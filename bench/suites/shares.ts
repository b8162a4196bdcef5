/** Weights and flips through both data planes, each request an answer that says who gave it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RigOptions } from '../../src/ingress/embedded/live-rig.ts';
import { HaproxyDataPlane } from '../../src/ingress/haproxy/haproxy-data-plane.ts';
import { atMost, type Figure, type Suite } from '../figure.ts';
import { deviations, measureFlips, measureShares, type Share, type ShareCase } from '../shares.ts';

const REQUESTS = 20_000;
const FLIPS = 20;
/** Of a fair choice one run in 15,000 is further off. */
const DEVIATIONS = 4;

const CASES: readonly ShareCase[] = [
  ...[2, 20].flatMap((stable) => [0, 1, 5, 25, 50].map((percent) => ({ percent, canaries: 1, stable }))),
  { percent: 1, canaries: 200, stable: 2 },
];

export const shares: Suite = {
  name: 'shares',
  about: `The canaries' part of at least ${REQUESTS.toLocaleString('en-US')} requests over 64 connections, as it is written beside what it was, and ${FLIPS} flips of all traffic under them.`,
  async run(): Promise<Figure[]> {
    const dir = mkdtempSync(join(tmpdir(), 'serin-bench-shares-'));
    const haproxy: RigOptions['dataPlane'] = (given) =>
      new HaproxyDataPlane({ ...given, dir: mkdtempSync(join(dir, 'h')) });
    try {
      return [...(await figuresOf('embedded', undefined)), ...(await figuresOf('haproxy', haproxy))];
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

async function figuresOf(name: string, dataPlane: RigOptions['dataPlane']): Promise<Figure[]> {
  const all = await measureShares(dataPlane, CASES, REQUESTS);
  const flips = await measureFlips(dataPlane, FLIPS);
  const failed = all.reduce((sum, each) => sum + each.failed, flips.failed);
  return [
    ...all.map((share) => shareFigure(name, share)),
    { name: `${name}: requests astray in ${FLIPS} flips`, unit: 'requests', measured: flips.astray, budget: atMost(0) },
    { name: `${name}: requests under which it was flipped`, unit: 'requests', measured: flips.requests },
    { name: `${name}: failed requests`, unit: 'requests', measured: failed, budget: atMost(0) },
  ];
}

function shareFigure(name: string, share: Share): Figure {
  const { percent, canaries, stable, requests, canaryRequests } = share;
  const was = `${canaryRequests.toLocaleString('en-US')} of ${requests.toLocaleString('en-US')}`;
  const case_ = `${name}: ${percent}% for ${canaries} beside ${stable}, ${was}`;
  if (percent === 0) return { name: case_, unit: 'requests', measured: canaryRequests, budget: atMost(0) };
  return { name: case_, unit: 'standard deviations off', measured: deviations(share), budget: atMost(DEVIATIONS) };
}
