/**
 * Blue/green as Marathon's people have it: the requests of zdd.py, as recorded, against a whole agent's /v2 and its
 * marathon-lb port, under load. zdd.py itself is not to be had from the registries; what asks here is ours.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf, hammer } from '../ingress/embedded/live-rig.ts';
import { hasHaproxy } from '../ingress/haproxy/live-rig.ts';
import { Cluster, type RoleAgent } from './roles-rig.ts';
import { freePort } from './testing/live-agent.ts';
import { buildProgram, type Program } from './testing/program.ts';
import { until } from './testing/until.ts';
import { type ZddApp, zddSequence } from './testing/zdd-sequence.ts';

const recorded = (colour: string): ZddApp & { readonly healthChecks: readonly object[] } =>
  JSON.parse(readFileSync(new URL(`../../testdata/marathon/zdd/create-${colour}.json`, import.meta.url), 'utf8'));

const SERVER = `require('node:http').createServer((_, r) => setTimeout(() => r.end(process.env.MARATHON_APP_ID), 5)).listen(process.env.PORT0, '127.0.0.1')`;

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program?.remove());

describe.each([
  ['embedded', true],
  ['haproxy', hasHaproxy()],
])('zdd.py with the %s data plane', (plane, isHere) => {
  let cluster: Cluster;
  let agent: RoleAgent;
  let ports: { api: number; marathon: number; lb: number; main: number; alt: number };

  const config = () => `
server { enabled = true }
client { enabled = true }
plugin "raw_exec" {
  config {
    enabled = true
  }
}
marathon { port = ${ports.marathon} }
ingress {
  enabled = true
  data_plane = "${plane}"
  marathon_lb {
    port = ${ports.lb}
  }
}
`;

  beforeAll(async () => {
    const [api, marathon, lb, main, alt] = await Promise.all([1, 2, 3, 4, 5].map(() => freePort()));
    ports = { api: api!, marathon: marathon!, lb: lb!, main: main!, alt: alt! };
    cluster = new Cluster(program);
    agent = cluster.agent('one', `http://127.0.0.1:${ports.api}`, config());
    if (isHere) await agent.start();
  });
  afterAll(() => cluster?.cleanUp());

  /** As it was recorded, but for ports, the program, and a virtual host, which would need port 80. */
  function appOf(colour: string): ZddApp {
    const { HAPROXY_0_VHOST: _, ...labels } = recorded(colour).labels;
    const port = colour === 'blue' ? ports.main : ports.alt;
    return {
      ...recorded(colour),
      cmd: `exec ${process.execPath} -e "${SERVER}"`,
      ports: [port],
      healthChecks: recorded(colour).healthChecks.map((check) => ({ ...check, intervalSeconds: 1 })),
      labels: { ...labels, HAPROXY_0_PORT: String(ports.main), HAPROXY_DEPLOYMENT_ALT_PORT: String(ports.alt) },
    } as ZddApp;
  }

  it.skipIf(!isHere)('replaces blue by green, and no request fails', async () => {
    const marathon = `http://127.0.0.1:${ports.marathon}`;
    const url = `http://127.0.0.1:${ports.main}/`;
    const blue = await fetch(`${marathon}/v2/apps`, { method: 'POST', body: JSON.stringify(appOf('blue')) });
    expect(blue.status).toBe(201);
    await until('blue serves', async () => (await answerOf(url)) === '200 /web-blue');
    const load = hammer({ url, workers: 6, pauseMs: 10 });
    const loadBalancer = `http://127.0.0.1:${ports.lb}`;
    const done = await zddSequence({
      marathon,
      loadBalancer,
      app: appOf('green'),
      stepMs: 100,
      patienceMs: 150_000,
    });
    await until('blue is gone', async () => (await fetch(`${marathon}/v2/apps/web-blue`)).status === 404);
    const { failures, requests, bodies } = await load();
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(50);
    expect([...bodies].sort()).toEqual(['/web-blue', '/web-green']);
    expect(done).toEqual(['POST /web-green', 'kill 1 of /web-blue', 'PUT /web-green 2', 'DELETE /web-blue']);
    // Blue is no app any more before the last ingress has heard of it.
    await expect.poll(() => answerOf(url)).toBe('200 /web-green');
  });
});
