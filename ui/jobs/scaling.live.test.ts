/** The scaling of the users' document: Marathon's app, its count raised and lowered by clicking, under load. */
import { describe, expect, it } from 'vitest';
import { underTraffic } from '../../soak/traffic.ts';
import { freePort } from '../../src/agent/testing/live-agent.ts';
import { until } from '../../src/agent/testing/until.ts';
import { hasBrowser, pageBench, says } from '../testing/page-bench.ts';

const SERVER = "require('http').createServer((q,s)=>s.end('v0 '+process.pid)).listen(process.env.PORT0,'127.0.0.1')";

const myApp = (servicePort: number) => ({
  id: '/myapp',
  cmd: `exec ${process.execPath} -e "${SERVER}"`,
  cpus: 0.1,
  mem: 32,
  instances: 1,
  labels: { HAPROXY_GROUP: 'external' },
  portDefinitions: [{ port: servicePort, protocol: 'tcp' }],
  healthChecks: [{ protocol: 'HTTP', path: '/', gracePeriodSeconds: 10, intervalSeconds: 1, timeoutSeconds: 5 }],
});

describe.runIf(hasBrowser)('an app', async () => {
  const marathonPort = await freePort();
  const bench = pageBench(['-marathon', '-marathon-port', String(marathonPort)]);
  const running = async (): Promise<number> => {
    const reply = await fetch(`http://127.0.0.1:${marathonPort}/v2/apps/myapp`);
    return ((await reply.json()) as { app: { tasksHealthy: number } }).app.tasksHealthy;
  };

  it('is scaled up and down by clicking; the effect is said before, and no request fails', async () => {
    const listen = await freePort();
    const reply = await fetch(`http://127.0.0.1:${marathonPort}/v2/apps`, {
      method: 'POST',
      body: JSON.stringify(myApp(listen)),
    });
    expect(reply.status).toBe(201);
    await until('the app is healthy', async () => (await running()) === 1);
    const { page, complaints, close } = await bench.open('/jobs');
    await page.getByRole('link', { name: 'myapp' }).click();
    await says(page, /Marathon/);
    const dialog = page.getByRole('dialog');

    const scale = async (step: string, effect: RegExp, count: number): Promise<void> => {
      await page.getByRole('main').getByRole('button', { name: 'Scale' }).click();
      await dialog.getByRole('button', { name: step }).click();
      await expect.poll(() => dialog.textContent()).toMatch(effect);
      await dialog.getByRole('button', { name: 'Scale' }).click();
      await dialog.waitFor({ state: 'detached' });
      await until(`${count} are healthy`, async () => (await running()) === count);
    };
    const figures = await underTraffic(listen, async () => {
      await scale('One more', /1 instance will start[\s\S]*no running instance is replaced/, 2);
      await scale('One fewer', /1 instance will stop: it gets no new requests/, 1);
    });

    expect(figures.failures).toEqual([]);
    expect(figures.requests).toBeGreaterThan(50);
    expect(complaints).toEqual([]);
    await close();
  });
});
