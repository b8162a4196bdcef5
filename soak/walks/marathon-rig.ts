/**
 * An agent with Marathon's API and marathon-lb's port, the real command line beside it, and the scripts of the examples.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Cluster, type Ended, type RoleAgent } from '../../src/agent/roles-rig.ts';
import { freePort } from '../../src/agent/testing/live-agent.ts';
import type { Program } from '../../src/agent/testing/program.ts';
import { until } from '../../src/agent/testing/until.ts';
import type { MarathonAppView } from '../../src/api/marathon-views.ts';
import { Examples, ended } from './examples.ts';

export interface MarathonRig {
  readonly agent: RoleAgent;
  /** Addresses of Marathon's API and of marathon-lb's port. */
  readonly marathon: string;
  readonly loadBalancer: string;
  /** Runs to its end, whatever the end is. */
  serin(...words: readonly string[]): Promise<Ended>;
  /** Runs until it is ended, or has said `until`: then it is killed. Answers what it said. */
  killedAfter(said: RegExp, ...words: readonly string[]): Promise<string>;
  readonly examples: Examples;
  /** Writes a definition and answers where it is. */
  file(app: object): string;
  apps(): Promise<readonly MarathonAppView[]>;
  /** No deployment is under way that has to do with the app. */
  settled(id: string): Promise<void>;
  close(): Promise<void>;
}

export async function startMarathonRig(program: Program, dataPlane: string): Promise<MarathonRig> {
  const [api, marathonPort, lbPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const cluster = new Cluster(program);
  const agent = cluster.agent('one', `http://127.0.0.1:${api}`, configOf(dataPlane, marathonPort, lbPort));
  const marathon = `http://127.0.0.1:${marathonPort}`;
  const env = { NOMAD_ADDR: agent.address, MARATHON_URL: marathon };
  const examples = new Examples(program, { agent: agent.address, marathon });
  await agent.start();
  return {
    agent,
    marathon,
    loadBalancer: `http://127.0.0.1:${lbPort}`,
    serin: (...words) => cluster.run(words, env),
    killedAfter: (said, ...words) => killAfter(said, spawnSerin(program, words, env)),
    examples,
    file: (app) => cluster.file(JSON.stringify(app)),
    async apps() {
      const { apps } = (await (await fetch(`${marathon}/v2/apps`)).json()) as { apps: MarathonAppView[] };
      return apps;
    },
    async settled(id) {
      await eventually(`nothing holds ${id}`, async () => {
        const deployments = (await (await fetch(`${marathon}/v2/deployments`)).json()) as { affectedApps: string[] }[];
        return deployments.every(({ affectedApps }) => !affectedApps.includes(id));
      });
    },
    close() {
      examples.remove();
      return cluster.cleanUp();
    },
  };
}

/** Many programs start here at a time, and a busy machine takes its time. */
export const eventually = (what: string, ask: () => Promise<boolean> | boolean): Promise<unknown> =>
  until(what, ask, 120_000);

const configOf = (dataPlane: string, marathonPort: number, lbPort: number): string => `
server { enabled = true }
client { enabled = true }
plugin "raw_exec" {
  config {
    enabled = true
  }
}
marathon { port = ${marathonPort} }
ingress {
  enabled = true
  data_plane = "${dataPlane}"
  marathon_lb {
    port = ${lbPort}
  }
}
`;

const spawnSerin = ({ entry }: Program, words: readonly string[], env: Record<string, string>): ChildProcess =>
  spawn(process.execPath, [entry, ...words], { env: { PATH: process.env.PATH, NO_COLOR: '1', ...env } });

async function killAfter(said: RegExp, child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (said.test(text)) child.kill('SIGKILL');
  });
  const { stderr } = await ended(child);
  if (!said.test(text)) throw new Error(`it ended without saying ${said}:\n${text}${stderr}`);
  return text;
}
