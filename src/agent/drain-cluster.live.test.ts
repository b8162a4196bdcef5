/**
 * Two nodes are drained one after the other under load, the second while an update is under way: no request fails, the
 * command line says what happens, and each node is empty in the end. The tests build on each other.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Allocation, isClientTerminal } from '../model/allocation.ts';
import type { Node } from '../model/node.ts';
import { Cluster, type RoleAgent } from './roles-rig.ts';
import { freePort } from './testing/live-agent.ts';
import { buildProgram, type Program } from './testing/program.ts';
import { until } from './testing/until.ts';

const COUNT = 4;

let program: Program;
let cluster: Cluster;
let server: RoleAgent;
let nodes: RoleAgent[];
let listen: number;

beforeAll(async () => {
  program = await buildProgram();
  cluster = new Cluster(program);
  listen = await freePort();
  const at = `127.0.0.1:${await freePort()}`;
  server = cluster.agent('server', `http://${at}`, 'server { enabled = true }\ningress { enabled = true }');
  const node = async (name: string, address: string) =>
    cluster.agent(name, `http://${address}:${await freePort()}`, nodeConfig(at));
  nodes = [await node('node-a', '127.0.0.2'), await node('node-b', '127.0.0.3')];
  await server.start();
  await nodes[0]!.start();
});

afterAll(async () => {
  await cluster?.cleanUp();
  program?.remove();
});

const nodeConfig = (serverAt: string): string => `
client {
  enabled = true
  servers = ["${serverAt}"]
}
plugin "raw_exec" {
  config {
    enabled = true
  }
}
`;

const webJob = (version: string): string => `
job "web" {
  datacenters = ["dc1"]
  update {
    max_parallel      = 2
    min_healthy_time  = "200ms"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
  }
  migrate {
    max_parallel     = 2
    min_healthy_time = "200ms"
    healthy_deadline = "20s"
  }
  group "app" {
    count = ${COUNT}
    network {
      port "http" {}
    }
    service {
      name = "web"
      port = "http"
      ingress {
        listen = ${listen}
      }
      check {
        type     = "http"
        path     = "/"
        interval = "1s"
        timeout  = "1s"
      }
    }
    task "server" {
      driver = "raw_exec"
      config {
        command = "${process.execPath}"
        args = ["-e", <<-JS
          const { NOMAD_IP_http: ip, NOMAD_PORT_http, VERSION } = process.env;
          const answer = (request, response) => setTimeout(() => response.end(VERSION + ' ' + ip), 20);
          require('node:http').createServer(answer).listen(Number(NOMAD_PORT_http), ip);
        JS
        ]
      }
      env {
        VERSION = "${version}"
      }
      resources {
        cpu    = 20
        memory = 32
      }
    }
  }
}
`;

const ask = async (): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${listen}/`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  return text;
};

/** Asks from several connections while `work` is under way; answers every failure. */
async function underLoad(work: () => Promise<unknown>): Promise<{ requests: number; failures: string[] }> {
  const failures: string[] = [];
  let requests = 0;
  let isOver = false;
  const worker = async () => {
    while (!isOver) {
      requests += 1;
      await ask().catch((error) => failures.push(String(error.cause ?? error)));
      await delay(5);
    }
  };
  const workers = [worker(), worker(), worker(), worker()];
  await work().finally(() => {
    isOver = true;
  });
  await Promise.all(workers);
  return { requests, failures };
}

const living = async (): Promise<Allocation[]> =>
  (await server.read<Allocation[]>('job/web/allocations')).filter((alloc) => !isClientTerminal(alloc));

const settled = (nodeName: string): Promise<unknown> =>
  until(`${COUNT} serve on ${nodeName} alone`, async () => {
    const now = await living();
    const serving = now.filter((alloc) => alloc.ClientStatus === 'running' && alloc.NodeName === nodeName);
    return now.length === COUNT && serving.length === COUNT;
  });

const nodeNamed = async (name: string): Promise<Node> =>
  until(`${name} is known`, async () => {
    const stub = (await server.read<Node[]>('nodes')).find((node) => node.Name === name && node.Status === 'ready');
    return stub && server.read<Node>(`node/${stub.ID}`);
  });

it('a drain under load drops nothing, and tells its course', async () => {
  await server.succeed('run', cluster.file(webJob('one')));
  await settled('node-a');
  await nodes[1]!.start();
  const { ID } = await nodeNamed('node-a');
  await nodeNamed('node-b');
  let said = '';
  let fewest = COUNT;
  const { requests, failures } = await underLoad(async () => {
    const drained = server.succeed('node', 'drain', '-enable', '-yes', '-m', 'new disk', ID).then((text) => {
      said = text;
    });
    const watched = (async () => {
      while (said === '') {
        const serving = (await living()).filter(
          (alloc) => alloc.DesiredStatus === 'run' && alloc.ClientStatus === 'running',
        );
        fewest = Math.min(fewest, serving.length);
        await delay(50);
      }
    })();
    await Promise.all([drained, watched]);
  });
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(50);
  expect(fewest).toBeGreaterThanOrEqual(COUNT - 2);
  expect(said).toContain(`Node "${ID}" drain strategy set`);
  expect(said.match(/Alloc "[0-9a-f-]{36}" marked for migration/g)).toHaveLength(COUNT);
  expect(said.match(/Alloc "[0-9a-f-]{36}" status running -> complete/g)).toHaveLength(COUNT);
  expect(said).toMatch(new RegExp(`Drain complete for node ${ID}\n.*All allocations on node "${ID}" have stopped\n$`));
  await settled('node-b');
  expect(await nodeNamed('node-a')).toMatchObject({
    Drain: false,
    SchedulingEligibility: 'ineligible',
    LastDrain: { Status: 'complete', Meta: { message: 'new disk' } },
  });
});

it('a drain while an update is under way drops nothing either, and both come to their end', async () => {
  const [a, b] = [await nodeNamed('node-a'), await nodeNamed('node-b')];
  await server.succeed('node', 'eligibility', '-enable', a.ID);
  const file = cluster.file(webJob('two'));
  const { failures } = await underLoad(async () => {
    await server.succeed('run', '-detach', file);
    await server.succeed('node', 'drain', '-enable', '-yes', b.ID);
    await settled('node-a');
    await until('the update has succeeded', async () => {
      const deployment = await server.read<{ JobVersion: number; Status: string }>('job/web/deployment');
      return deployment.JobVersion === 1 && deployment.Status === 'successful';
    });
  });
  expect(failures).toEqual([]);
  expect(await nodeNamed('node-b')).toMatchObject({ Drain: false, LastDrain: { Status: 'complete' } });
  expect((await living()).map((alloc) => alloc.NodeName)).toEqual(Array(COUNT).fill('node-a'));
  expect(await ask()).toBe('two 127.0.0.2');
});
