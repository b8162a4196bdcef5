/**
 * A server with an ingress, a second ingress at an address of its own, and two nodes, each in a process of its own: what
 * the updates under load are done with. Any of them can be killed and started again.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, type RoleAgent } from '../../src/agent/roles-rig.ts';
import { freePort } from '../../src/agent/testing/live-agent.ts';
import { buildProgram, bundle, CHECKOUT } from '../../src/agent/testing/program.ts';
import { until } from '../../src/agent/testing/until.ts';
import type { Node } from '../../src/model/node.ts';

export const Plane = { embedded: 'embedded', haproxy: 'haproxy' } as const;
export type Plane = (typeof Plane)[keyof typeof Plane];

export interface PlaneRig {
  readonly plane: Plane;
  readonly server: RoleAgent;
  readonly nodes: readonly RoleAgent[];
  /** Two of them: one of the server's agent, one of an agent of its own. */
  readonly ingresses: readonly PlaneIngress[];
  /** The port of both ingresses. */
  readonly listen: number;
  /** What a task runs. */
  readonly instance: string;
  write(path: string, body: object): Promise<void>;
  nodeId(name: string): Promise<string>;
  close(): Promise<void>;
}

export interface PlaneIngress {
  /** The address that it listens at. */
  readonly host: string;
  /** The process that steers the data plane; with the embedded one it is the data plane. */
  steering(): number;
  /** The processes that carry requests. */
  carriers(): number[];
  /** HAProxy's master; undefined for the embedded data plane. */
  master(): number | undefined;
}

const SCRATCH = join(CHECKOUT, 'node_modules/.cache/serin-planes');

export async function startPlaneRig(plane: Plane): Promise<PlaneRig> {
  const scratch = join(SCRATCH, `${process.pid}`);
  const [program] = await Promise.all([buildProgram(), bundle({ instance: 'soak/planes/instance.ts' }, scratch)]);
  const cluster = new Cluster(program);
  const close = async () => {
    await cluster.cleanUp();
    program.remove();
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    const at = `127.0.0.1:${await freePort()}`;
    const server = cluster.agent('server', `http://${at}`, serverConfig(plane));
    const nodes: RoleAgent[] = [];
    for (const [name, host] of [
      ['node-a', '127.0.0.2'],
      ['node-b', '127.0.0.3'],
    ] as const)
      nodes.push(cluster.agent(name, `http://${host}:${await freePort()}`, nodeConfig(at)));
    const edge = cluster.agent('edge', `http://${EDGE}:${await freePort()}`, ingressConfig(plane, at));
    await server.start();
    await Promise.all([edge, ...nodes].map((each) => each.start()));
    const ingresses = [ingressOf(plane, '127.0.0.1', server), ingressOf(plane, EDGE, edge)];
    const rig = rigOf(
      { plane, server, nodes, ingresses, listen: await freePort(), close },
      join(scratch, 'instance.js'),
    );
    await Promise.all(['node-a', 'node-b'].map((name) => rig.nodeId(name)));
    return rig;
  } catch (error) {
    await close();
    throw error;
  }
}

const EDGE = '127.0.0.4';

function rigOf(parts: Omit<PlaneRig, 'instance' | 'write' | 'nodeId'>, instance: string): PlaneRig {
  const { server } = parts;
  return {
    ...parts,
    instance,
    async write(path, body) {
      const answer = await fetch(`${server.address}/v1/${path}`, { method: 'PUT', body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`/v1/${path}: ${answer.status} ${await answer.text()}`);
    },
    nodeId: (name) =>
      until(`${name} is ready`, async () => {
        const all = await server.read<Node[]>('nodes');
        return all.find((node) => node.Name === name && node.Status === 'ready')?.ID;
      }),
  };
}

function ingressOf(plane: Plane, host: string, { dataDir }: RoleAgent): PlaneIngress {
  const pidIn = (...path: readonly string[]): number =>
    (JSON.parse(readFileSync(join(dataDir, 'ingress', ...path), 'utf8')) as { pid: number }).pid;
  const steering = () => pidIn('process.json');
  const master = () => (plane === Plane.haproxy ? pidIn('haproxy', 'process.json') : undefined);
  const carriers = () => {
    const pid = master();
    return pid === undefined ? [steering()] : [pid, ...childrenOf(pid)];
  };
  return { host, steering, master, carriers };
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

const serverConfig = (plane: Plane): string => `
server { enabled = true }
ingress {
  enabled    = true
  data_plane = "${plane}"
}
`;

const ingressConfig = (plane: Plane, serverAt: string): string => `
ingress {
  enabled    = true
  servers    = ["${serverAt}"]
  data_plane = "${plane}"
}
`;

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
