import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../lib/virtual-clock.ts';
import type { Deployment } from '../model/deployment.ts';
import type { IngressFigure, IngressReport } from '../model/ingress.ts';
import { DeploymentFigures } from './deployment-figures.ts';

const BACKEND = 'default/web/web';

function figure(Version: number, Requests: number, more: Partial<IngressFigure> = {}): IngressFigure {
  return { Backend: BACKEND, Pool: 'stable', Version, Requests, Errors: 0, InFlight: 0, ...more };
}

/** Deployment "d" of version 4 begins at once; ingresses have been there before. */
function world() {
  const clock = new VirtualClock();
  const startMs = clock.nowMs();
  const words = new Map<string, IngressReport>();
  const figures = new DeploymentFigures(clock, () => [...words.values()]);
  const deployment = { ID: 'd', Namespace: 'default', JobID: 'web', JobVersion: 4, CreateTimeMs: startMs };
  const observe = (Status: string) => figures.observe({ ...deployment, Status } as Deployment);
  const report = (ID: string, Figures: IngressFigure[], StartedMs = startMs - 1000) => {
    const word: IngressReport = {
      ID,
      Name: ID,
      DataPlane: 'embedded',
      StartedMs,
      AppliedIndex: 1,
      Servers: {},
      Figures,
    };
    figures.report(words.get(ID), word);
    words.set(ID, word);
  };
  return { clock, startMs, figures, observe, report, versions: () => figures.of('d')?.Versions };
}

describe('the figures of a deployment', () => {
  it('are what each version has served since it began, over all ingresses', async () => {
    const { clock, startMs, observe, report, versions } = world();
    for (const ingress of ['x', 'y']) report(ingress, [figure(3, 1000, { Latency: [1000] })]);
    observe('running');
    await clock.advance(10_000);
    const old = figure(3, 1090, { Errors: 9, InFlight: 2, BytesIn: 5, BytesOut: 7, Latency: [1045, 45] });
    report('x', [old, figure(4, 10, { Pool: 'canary', Latency: [0, 0, 0, 0, 10] })]);
    report('y', [figure(3, 1010, { Latency: [1010] })]);
    expect(versions()).toMatchObject([
      { Backend: BACKEND, Version: 3, Pools: ['stable'], Requests: 100, RequestsPerSecond: 10, Errors: 9, InFlight: 2 },
      { Version: 4, Pools: ['canary'], Requests: 10, RequestsPerSecond: 1, Errors: 0, SinceMs: startMs },
    ]);
    const [before, after] = versions()!;
    expect(before).toMatchObject({ BytesIn: 5, BytesOut: 7 });
    expect(before!.LatencyMs!.P50).toBeLessThan(1);
    expect(before!.LatencyMs!.P95).toBeGreaterThan(1);
    expect(after!.LatencyMs).toEqual({ P50: 6, P95: 6.9, P99: 6.98 });
  });

  it('follow a version from one pool to another, and leave out what served before', () => {
    const { observe, report, versions } = world();
    report('x', [figure(2, 50), figure(3, 10)]);
    observe('running');
    report('x', [figure(2, 50), figure(3, 11), figure(4, 5, { Pool: 'canary' })]);
    report('x', [figure(2, 50), figure(3, 11), figure(4, 5, { Pool: 'canary' }), figure(4, 20)]);
    expect(versions()).toMatchObject([
      { Version: 3, Requests: 1 },
      { Version: 4, Requests: 25, Pools: ['canary', 'stable'] },
    ]);
  });

  it('go on when the process of an ingress starts anew, and count those that reached nobody', async () => {
    const { clock, startMs, figures, observe, report, versions } = world();
    report('x', [figure(3, 100)]);
    observe('running');
    report('x', [figure(3, 110)]);
    await clock.advance(1000);
    report('x', [figure(3, 5), figure(0, 3, { Pool: 'none' })], startMs + 500);
    expect(versions()).toMatchObject([{ Version: 3, Requests: 15 }]);
    expect(figures.of('d')?.Unserved).toBe(3);
  });

  it('are those of the new version alone when the server starts anew, and the old one says since when', async () => {
    const { clock, startMs, observe, report, versions } = world();
    observe('running');
    await clock.advance(5000);
    report('x', [figure(3, 1000), figure(4, 50, { Pool: 'canary' })]);
    await clock.advance(10_000);
    report('x', [figure(3, 1100), figure(4, 60, { Pool: 'canary' })]);
    expect(versions()).toMatchObject([
      { Version: 3, Requests: 100, RequestsPerSecond: 10, SinceMs: startMs + 5000 },
      { Version: 4, Requests: 60, RequestsPerSecond: 4, SinceMs: startMs },
    ]);
  });

  it('stay as they are when it ends, and are of no other deployment', async () => {
    const { clock, startMs, figures, observe, report } = world();
    observe('running');
    report('x', [figure(4, 10)]);
    await clock.advance(1000);
    observe('successful');
    report('x', [figure(4, 99)]);
    expect(figures.of('d')).toMatchObject({ UntilMs: startMs + 1000, Versions: [{ Requests: 10 }] });
    expect(figures.of('other')).toBeUndefined();
  });
});
