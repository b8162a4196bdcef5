/**
 * An agent with Marathon's API and marathon-lb's port, the real command line beside it, and the scripts that users can
 * read (`examples/marathon`), in a copy with ports of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, type Ended, type RoleAgent } from '../../src/agent/roles-rig.ts';
import { freePort } from '../../src/agent/testing/live-agent.ts';
import { CHECKOUT, type Program } from '../../src/agent/testing/program.ts';
import { until } from '../../src/agent/testing/until.ts';
import type { MarathonAppView } from '../../src/api/marathon-views.ts';

export interface MarathonRig {
  readonly agent: RoleAgent;
  /** Addresses of Marathon's API and of marathon-lb's port. */
  readonly marathon: string;
  readonly loadBalancer: string;
  /** Runs to its end, whatever the end is. */
  serin(...words: readonly string[]): Promise<Ended>;
  /** Runs until it is ended, or has said `until`: then it is killed. Answers what it said. */
  killedAfter(said: RegExp, ...words: readonly string[]): Promise<string>;
  /** One of `examples/marathon`, by `/bin/sh`, with "serin" among the programs that it finds. */
  script(name: string): Promise<Ended>;
  /** Changes a definition in the copy of the examples. */
  edit(name: string, change: (app: Record<string, unknown>) => object): void;
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
  const examples = join(cluster.folder, 'examples');
  cpSync(join(CHECKOUT, 'examples/marathon'), examples, { recursive: true });
  const env = { NOMAD_ADDR: agent.address, MARATHON_URL: marathon };
  const path = serinIn(join(cluster.folder, 'bin'), program);
  await agent.start();
  return {
    agent,
    marathon,
    loadBalancer: `http://127.0.0.1:${lbPort}`,
    serin: (...words) => cluster.run(words, env),
    killedAfter: (said, ...words) => killAfter(said, spawnSerin(program, words, env)),
    script: (name) => ended(spawn('/bin/sh', [join(examples, name)], { env: { ...env, PATH: path, NO_COLOR: '1' } })),
    edit(name, change) {
      const file = join(examples, name);
      writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));
    },
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
    close: () => cluster.cleanUp(),
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

/** A folder of programs with "serin" in it, before all others. */
function serinIn(folder: string, { entry }: Program): string {
  mkdirSync(folder);
  const file = join(folder, 'serin');
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
  chmodSync(file, 0o755);
  return `${folder}:${process.env.PATH}`;
}

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

function ended(child: ChildProcess): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.on('data', (chunk: Buffer) => {
      texts[name] += chunk.toString();
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, ...texts }));
  });
}
