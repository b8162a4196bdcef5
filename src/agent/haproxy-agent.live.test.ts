/**
 * A whole agent whose ingress steers HAProxy: updates under load, the last of them while the ingress process is killed
 * and HAProxy goes on without it. The tests build on each other.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf, hammer } from '../ingress/embedded/live-rig.ts';
import { hasHaproxy } from '../ingress/haproxy/live-rig.ts';
import { Cluster, type RoleAgent } from './roles-rig.ts';
import { freePort } from './testing/live-agent.ts';
import { isRunning } from './testing/own-processes.ts';
import { buildProgram, type Program } from './testing/program.ts';
import { until } from './testing/until.ts';
import { Behaviour, webJob } from './testing/web-job.ts';

const configWith = (line: string): string => `
server { enabled = true }
client { enabled = true }
ingress {
  enabled = true
  data_plane = "haproxy"
  haproxy {
    backend = ["${line}"]
  }
}
plugin "raw_exec" {
  config {
    enabled = true
  }
}
`;

const setHeader = (value: string): string => `http-response set-header X-Through ${value}`;

describe.skipIf(!hasHaproxy())('an agent with HAProxy', () => {
  let program: Program;
  let cluster: Cluster;
  let agent: RoleAgent;
  let listen: number;

  beforeAll(async () => {
    program = await buildProgram();
    cluster = new Cluster(program);
    listen = await freePort();
    agent = cluster.agent('one', `http://127.0.0.1:${await freePort()}`, configWith(setHeader('haproxy')));
    await agent.start();
  });

  afterAll(async () => {
    await cluster?.cleanUp();
    program?.remove();
  });

  const url = () => `http://127.0.0.1:${listen}/`;
  const update = (version: string) => {
    const behaviour = Behaviour.exitsAtOnce;
    const job = webJob({ id: 'web', listen, groups: [{ count: 2, version, behaviour }] });
    return agent.succeed('run', cluster.file(job));
  };
  const pidIn = (...path: readonly string[]): number =>
    (JSON.parse(readFileSync(join(agent.dataDir, 'ingress', ...path), 'utf8')) as { pid: number }).pid;

  it('updates a service under load, through HAProxy, and no request fails', async () => {
    await update('one');
    await until('it serves', async () => (await answerOf(url())).startsWith('200 '));
    expect((await fetch(url())).headers.get('x-through')).toBe('haproxy');
    const load = hammer({ url: url(), workers: 8, pauseMs: 10 });
    await update('two');
    await update('three');
    const { failures, requests, bodies } = await load();
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(50);
    expect([...bodies].join('\n')).toMatch(/one.*two.*three/s);
  });

  it('goes on while its ingress process is killed; the next one adopts HAProxy, and the update after that drops nothing', async () => {
    const haproxy = pidIn('haproxy', 'process.json');
    const ingress = pidIn('process.json');
    const load = hammer({ url: url(), workers: 8, pauseMs: 10 });
    process.kill(ingress, 'SIGKILL');
    await until('another ingress runs', () => pidIn('process.json') !== ingress);
    await update('four');
    const { failures, bodies } = await load();
    expect(failures).toEqual([]);
    expect([...bodies].join('\n')).toContain('four');
    expect(pidIn('haproxy', 'process.json')).toBe(haproxy);
    expect(isRunning(haproxy)).toBe(true);
  });

  it('takes other lines of its people’s own with a reload, and keeps those that work where HAProxy refuses them', async () => {
    const haproxy = pidIn('haproxy', 'process.json');
    const restart = async (line: string) => {
      await agent.end('SIGKILL');
      agent.configure(configWith(line));
      await agent.start();
    };
    const load = hammer({ url: url(), workers: 8, pauseMs: 10 });
    const through = async () => (await fetch(url())).headers.get('x-through');
    await restart(setHeader('another'));
    await until('the new line holds', async () => (await through()) === 'another');
    await restart('no-such-word');
    const reason = /the ingress goes on as it was: haproxy refuses its configuration: .*unknown keyword 'no-such-word'/;
    await until('the reason is shown', async () => reason.test(await agent.succeed('ingress', 'status')));
    expect(await through()).toBe('another');
    await restart(setHeader('mended'));
    await until('what is mended holds', async () => (await through()) === 'mended');
    expect((await load()).failures).toEqual([]);
    expect(pidIn('haproxy', 'process.json')).toBe(haproxy);
    expect(await agent.succeed('ingress', 'status')).not.toContain('refuses');
  });
});
