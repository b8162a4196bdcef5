/**
 * One agent for each role: a server, two nodes that join it over HTTP from addresses of their own, and an ingress. Each
 * of them goes away and comes back under load. The tests build on each other.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import type { Deployment } from '../model/deployment.ts';
import type { Node } from '../model/node.ts';
import { Cluster, type RoleAgent } from './roles-rig.ts';
import { freePort } from './testing/live-agent.ts';
import { isRunning } from './testing/own-processes.ts';
import { buildProgram, type Program } from './testing/program.ts';
import { until } from './testing/until.ts';

const COUNT = 4;
/** However slow the machine is: an agent that starts again is not taken for lost. */
const PATIENT = '60s';
const IMPATIENT = '1s';

let program: Program;
let cluster: Cluster;
let server: RoleAgent;
let nodes: RoleAgent[];
let ingress: RoleAgent;
let listen: number;

beforeAll(async () => {
  program = await buildProgram();
  cluster = new Cluster(program);
  const at = `127.0.0.1:${await freePort()}`;
  listen = await freePort();
  server = cluster.agent('server', `http://${at}`, serverConfig(PATIENT));
  const node = async (address: string, zone: string) =>
    cluster.agent(`node-${zone}`, `http://${address}:${await freePort()}`, nodeConfig(at, zone));
  nodes = [await node('127.0.0.2', 'a'), await node('127.0.0.3', 'b')];
  const edge = `ingress {\n enabled = true\n servers = ["${at}"]\n}`;
  ingress = cluster.agent('edge', `http://127.0.0.1:${await freePort()}`, edge);
  await server.start();
  await Promise.all([...nodes, ingress].map((agent) => agent.start()));
});

afterAll(async () => {
  await cluster?.cleanUp();
  program?.remove();
});

const serverConfig = (grace: string): string =>
  `server {\n enabled = true\n min_heartbeat_ttl = "1s"\n heartbeat_grace = "${grace}"\n}`;

const nodeConfig = (serverAt: string, zone: string): string => `
client {
  enabled    = true
  servers    = ["${serverAt}"]
  node_class = "worker"
  meta {
    zone = "${zone}"
  }
  reserved {
    cpu            = 100
    memory         = 64
    reserved_ports = "22"
  }
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
  constraint {
    attribute = "\${node.class}"
    value     = "worker"
  }
  constraint {
    attribute = "\${meta.zone}"
    operator  = "regexp"
    value     = "^[ab]$"
  }
  spread {
    attribute = "\${node.unique.id}"
  }
  update {
    max_parallel      = 2
    min_healthy_time  = "100ms"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
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
        listen         = ${listen}
        drain_deadline = "3s"
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
          const { NOMAD_IP_http: ip, NOMAD_ADDR_http: address, NOMAD_META_zone, VERSION } = process.env;
          console.log('listening on ' + address);
          const server = require('node:http').createServer((_, response) =>
            response.end(JSON.stringify({ version: VERSION, ip, pid: process.pid })));
          server.listen(Number(address.split(':')[1]), ip);
          process.on('SIGINT', () => server.close(() => process.exit(0)));
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

interface Answer {
  readonly version: string;
  readonly ip: string;
  readonly pid: number;
}

const ask = async (): Promise<Answer> => {
  const answer = await fetch(`http://127.0.0.1:${listen}/`);
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
};

/** Every instance that answers, by its process. */
async function answering(): Promise<Map<number, Answer>> {
  const found = new Map<number, Answer>();
  for (let at = 0; at < 40; at++) {
    const answer = await ask();
    found.set(answer.pid, answer);
  }
  return found;
}

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

const allocs = (agent = server): Promise<Allocation[]> => agent.read('job/web/allocations');
const running = async (): Promise<Allocation[]> =>
  (await allocs()).filter((alloc) => alloc.ClientStatus === 'running' && alloc.DesiredStatus === 'run');

const successful = (version: number) =>
  until(`version ${version} is deployed`, async () => {
    const deployment = await server.read<Deployment>('job/web/deployment');
    return deployment.JobVersion === version && deployment.Status === 'successful';
  });

async function nodeIdOf(agent: RoleAgent): Promise<string> {
  const self = await agent.read<{ stats: { client: { node_id: string } } }>('agent/self');
  return self.stats.client.node_id;
}

it('nodes that join over HTTP are known with their class, their meta, and what is reserved', async () => {
  const ids = await Promise.all(nodes.map(nodeIdOf));
  await until('both nodes are ready', async () => {
    const stubs = await server.read<{ ID: string; Status: string }[]>('nodes');
    return ids.every((id) => stubs.some((stub) => stub.ID === id && stub.Status === 'ready'));
  });
  const row = await server.read<Node>(`node/${ids[0]}`);
  expect(row).toMatchObject({ Name: 'node-a', NodeClass: 'worker', HTTPAddr: nodes[0]!.address.slice(7) });
  expect(row.Meta).toEqual({ zone: 'a' });
  expect(row.ReservedResources).toMatchObject({ Cpu: { CpuShares: 100 }, Memory: { MemoryMB: 64 } });
  expect(row.ReservedResources.Networks.ReservedHostPorts).toBe('22');
  expect(await server.succeed('node', 'status', '-verbose', ids[0]!)).toMatch(/Class += worker[\s\S]*zone += a/);
});

it('a job is placed on both, each instance listens on the address of its node, and the ingress finds them', async () => {
  await server.succeed('run', cluster.file(webJob('one')));
  await successful(0);
  const found = await answering();
  expect(found.size).toBe(COUNT);
  expect(new Set([...found.values()].map(({ ip }) => ip))).toEqual(new Set(['127.0.0.2', '127.0.0.3']));
  expect([...found.values()].map(({ version }) => version)).toEqual(Array(COUNT).fill('one'));
});

it('an update over all of them drops nothing', async () => {
  const file = cluster.file(webJob('two'));
  const { requests, failures } = await underLoad(async () => {
    await server.succeed('run', file);
    await successful(1);
  });
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(50);
  expect(new Set([...(await answering()).values()].map(({ version }) => version))).toEqual(new Set(['two']));
});

it('logs, restart and stop reach an instance of another agent, whichever agent is asked', async () => {
  const nodeId = await nodeIdOf(nodes[1]!);
  const there = (await running()).find((alloc) => alloc.NodeID === nodeId)!;
  for (const agent of [server, nodes[0]!, nodes[1]!, ingress]) {
    expect(await agent.succeed('alloc', 'logs', there.ID)).toMatch(/^listening on 127\.0\.0\.3:\d+\n$/);
  }
  const { failures } = await underLoad(async () => {
    await nodes[0]!.succeed('alloc', 'restart', there.ID);
    await until('it runs again', async () => {
      const again = await server.read<Allocation>(`allocation/${there.ID}`);
      return again.TaskStates?.server?.Restarts === 1 && again.TaskStates.server.State === 'running';
    });
    await server.succeed('alloc', 'stop', there.ID);
    await until('another has taken its place', async () => {
      const now = await running();
      return now.length === COUNT && !now.some((alloc) => alloc.ID === there.ID);
    });
  });
  expect(failures).toEqual([]);
  const { code, stderr } = await server.serin('alloc', 'logs', there.ID, 'nosuchtask');
  expect([code, stderr]).toEqual([1, expect.stringMatching(/no task "nosuchtask"|nosuchtask/)]);
});

it('the files of an instance, and what its checks found, are seen through any agent; nothing outside is', async () => {
  const there = (await running()).find((alloc) => alloc.NodeName === 'node-b')!;
  const look = async (agent: RoleAgent) => {
    const log = 'alloc/logs/server.stdout.0';
    const [list, end, checks, outside] = await Promise.all([
      agent.succeed('alloc', 'fs', there.ID),
      agent.succeed('alloc', 'fs', '-c', '3', there.ID, log),
      agent.succeed('alloc', 'checks', there.ID),
      agent.serin('alloc', 'fs', there.ID, '../../client'),
    ]);
    expect(list).toMatch(/^Mode .*Name\nd\S+ .* alloc\/\n/);
    expect(end).toMatch(/^\d\d\n$/);
    expect(checks).toContain('Status     = success');
    expect(outside.stderr).toContain('403 (Path escapes the alloc directory');
  };
  await Promise.all([look(server), look(nodes[0]!)]);
});

it('a node agent that is killed leaves its tasks serving, and finds them when it is back', async () => {
  await until('all are routed', async () => (await answering()).size === COUNT);
  const before = await answering();
  const { failures } = await underLoad(async () => {
    await nodes[0]!.end('SIGKILL');
    await delay(500);
    await nodes[0]!.start();
    await delay(500);
  });
  expect(failures).toEqual([]);
  const { Events } = await server.read<Node>(`node/${await nodeIdOf(nodes[0]!)}`);
  expect((Events ?? []).map(({ Message }) => Message)).not.toContain('Node heartbeat missed');
  expect([...(await answering()).keys()].sort()).toEqual([...before.keys()].sort());
  expect(nodes[0]!.log).toContain('allocations of an earlier agent taken up');
});

it('a server that is killed finds its nodes and its ingress again, and no task notices', async () => {
  const before = await answering();
  const { failures } = await underLoad(async () => {
    await server.end('SIGKILL');
    await delay(1_000);
    await server.start();
    await until('the ingress is known again', async () => (await server.read<object[]>('ingresses')).length > 0);
    await delay(1_000);
  });
  expect(failures).toEqual([]);
  expect([...(await answering()).keys()].sort()).toEqual([...before.keys()].sort());
  expect((await running()).length).toBe(COUNT);
  const stubs = await server.read<{ Status: string }[]>('nodes');
  expect(stubs.map(({ Status }) => Status)).toEqual(['ready', 'ready']);
  const known = await server.read<{ Name: string }[]>('ingresses');
  expect(known.map(({ Name }) => Name)).toEqual(['edge-ingress']);
});

it('an ingress agent that stops leaves the ingress serving, and the next one adopts it', async () => {
  const { failures } = await underLoad(async () => {
    await ingress.end('SIGINT');
    expect(ingress.log).toContain('The agent has stopped. Its ingress goes on running');
    await delay(300);
    await ingress.start();
  });
  expect(failures).toEqual([]);
  await until('it is adopted', () => ingress.log.includes('ingress adopted'));
});

it('a node that stays away loses its instances to the others, and ends its own when it is back', async () => {
  await server.end('SIGTERM');
  server.configure(serverConfig(IMPATIENT));
  await server.start();
  const lost = (await running()).filter((alloc) => alloc.NodeName === 'node-b');
  const tasks = [...(await answering()).values()].filter(({ ip }) => ip === '127.0.0.3');
  expect(lost.length).toBe(tasks.length);
  const { failures } = await underLoad(async () => {
    await nodes[1]!.end('SIGTERM');
    expect(nodes[1]!.log).toContain('Its tasks go on running');
    await until('they are lost and replaced', async () => {
      const now = await allocs();
      const isLost = lost.every(({ ID }) => now.find((alloc) => alloc.ID === ID)?.ClientStatus === 'lost');
      const serving = now.filter((alloc) => alloc.NodeName === 'node-a' && alloc.ClientStatus === 'running');
      return isLost && serving.length === COUNT;
    });
    expect(tasks.filter(({ pid }) => isRunning(pid))).toEqual(tasks);
    await nodes[1]!.start();
    await until('what was replaced ends', () => tasks.every(({ pid }) => !isRunning(pid)));
  });
  expect(failures).toEqual([]);
  expect((await running()).length).toBe(COUNT);
});
