/**
 * DC/OS's text "Blue Green Deployments" with its own file on a real Docker engine: the image "python:3" is a local one, since
 * nothing can be pulled, in which `python3 -m http.server 8080` is busybox's server.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startLoad } from '../../bench/load.ts';
import { TEST_IMAGE } from '../../src/drivers/testing/docker-engine.ts';
import type { ContainerRig } from '../container-rig.ts';
import { webUrl } from '../traffic.ts';
import { Examples } from './examples.ts';

export async function makePythonImage({ engine }: ContainerRig): Promise<void> {
  const root = join(engine.dir, 'python');
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'bin/python3'), '#!/bin/sh\nexec busybox httpd -f -p "$3" -h /\n');
  writeFileSync(join(root, 'index.html'), 'a directory\n');
  chmodSync(join(root, 'bin/python3'), 0o755);
  const container = await engine.docker.createContainer({ Image: TEST_IMAGE, Cmd: ['none'] });
  const archive = execFileSync('tar', ['-cf', '-', '-C', root, 'bin/python3', 'index.html']);
  await container.putArchive(archive, { path: '/' });
  await container.commit({ repo: 'python', tag: '3' });
  await container.remove();
}

export async function walkMyApp({ agent, program, marathon, openPort }: ContainerRig): Promise<void> {
  const listen = await openPort();
  const examples = new Examples(program, { agent: agent.address, marathon });
  try {
    examples.edit('myapp-pool.json', (app) => ({ ...app, ports: [listen] }));
    const setUp = await examples.run('myapp-setup.sh');
    expect(setUp).toMatchObject({ code: 0 });
    expect(setUp.stderr).toContain('healthChecks');
    // A Python server answers to GET alone.
    const load = startLoad({ url: webUrl(listen), connections: 4, ratePerSecond: 60, keepAlive: 'mixed' });
    const walked = await examples.run('myapp.sh').finally(() => load.stop());
    expect(walked.code, walked.stdout + walked.stderr).toBe(0);
    const { requests, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(0);
    const { apps } = (await (await fetch(`${marathon}/v2/apps`)).json()) as { apps: { id: string }[] };
    expect(apps.map(({ id }) => id).sort()).toEqual(['/myapp-green', '/myapp-pool']);
    expect((await fetch(webUrl(listen))).status).toBe(200);
  } finally {
    examples.remove();
  }
}
