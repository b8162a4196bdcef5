/** The node and a real Consul: what the fake takes for granted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MockDriver, MockMachine } from '../../drivers/mock.ts';
import { systemClock } from '../../lib/clock.ts';
import { MINUTE, SECOND } from '../../model/nanos.ts';
import { NodeAgent } from '../node-agent.ts';
import { ConsulProcess, consulBinary } from '../testing/consul-process.ts';
import { liveOptions } from '../testing/live-options.ts';
import {
  sampleAlloc,
  sampleCheck,
  sampleGroup,
  sampleJob,
  sampleService,
  sampleTask,
  sampleUpdate,
} from '../testing/samples.ts';
import { ServerTwin } from '../testing/server-twin.ts';
import type { ConsulRegistration } from './consul-api.ts';
import { ConsulClient } from './consul-client.ts';

const never = new AbortController().signal;
const dir = mkdtempSync(join(tmpdir(), 'serin-consul-'));
const twin = new ServerTwin();
const machine = new MockMachine();
const service = sampleService({
  Provider: 'consul',
  Tags: ['v1'],
  Checks: [
    sampleCheck({ Type: 'http', Path: '/health', Interval: SECOND, Timeout: SECOND }),
    sampleCheck({ Name: 'ready', Type: 'script', Command: '/bin/true', Interval: SECOND, Timeout: SECOND }),
  ],
});
const group = sampleGroup({
  Services: [service],
  Tasks: [sampleTask()],
  Update: { ...sampleUpdate, MinHealthyTime: SECOND / 10, HealthyDeadline: MINUTE },
});

let consul: ConsulProcess;
let api: ConsulClient;
let web: Server;
let status = 500;
let running: { leave(): Promise<void>; readonly agent: NodeAgent } | undefined;

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const givenUpMs = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > givenUpMs) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function startAgent() {
  const agent = new NodeAgent(
    liveOptions({
      dataDir: dir,
      connection: twin,
      drivers: [new MockDriver(systemClock, machine)],
      cpuTotalCompute: 4_000,
      hostEnv: {},
      consul: api,
    }),
  );
  const abort = new AbortController();
  const run = agent.run(abort.signal);
  const leave = async () => {
    abort.abort();
    await run;
  };
  return { agent, leave };
}

const registered = async (): Promise<string[]> => (await api.services(never)).map(({ Service }) => Service).sort();
const statuses = async (): Promise<string[]> =>
  (await api.checks(never)).map(({ Name, Status }) => `${Name}: ${Status}`).sort();
const nodeSays = () => twin.alloc('a1').Services?.[0]?.Status;

function stranger(id: string, name: string): ConsulRegistration {
  return {
    ID: id,
    Name: name,
    Tags: [],
    Meta: {},
    Address: '127.0.0.1',
    Port: 1,
    EnableTagOverride: false,
    Checks: [],
  };
}

describe.skipIf(consulBinary() === undefined && process.env.SERIN_LIVE !== 'required')('with a real Consul', () => {
  beforeAll(async () => {
    consul = await ConsulProcess.start();
    api = new ConsulClient({ url: consul.url, token: '' });
    web = createServer((_request, response) => response.writeHead(status).end('well?'));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    await api.register(stranger('db', 'db'), never);
    running = startAgent();
    await until('registered', () => twin.node !== undefined);
  });

  afterAll(async () => {
    await running?.leave();
    await consul?.kill();
    await new Promise((resolve) => (web ? web.close(resolve) : resolve(undefined)));
    rmSync(dir, { recursive: true, force: true });
  });

  it('the node says its version', () => {
    expect(twin.node?.Attributes['consul.version']).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('a service is registered, and its deployment healthy once Consul finds it so', async () => {
    const Ports = [{ Label: 'http', Value: (web.address() as AddressInfo).port, To: 0, HostIP: '127.0.0.1' }];
    twin.place(sampleAlloc('a1', { JobID: 'job', DeploymentID: 'd1', Ports }), sampleJob([group], { ID: 'job' }));
    const says = () => twin.alloc('a1').Services?.[0]?.Checks[0]?.Output ?? '';
    await until('Consul has found the check failing', () => says().includes('500'));
    expect(await statuses()).toContain('alive: critical');
    expect(twin.reports.flat().some(({ Healthy }) => Healthy !== undefined)).toBe(false);
    status = 200;
    await until('it is healthy', () => twin.reports.flat().some(({ Healthy }) => Healthy?.Healthy === true));
    expect(nodeSays()).toBe('passing');
    expect(await statuses()).toEqual(expect.arrayContaining(['alive: passing', 'ready: passing']));
  });

  it('a Consul that is killed and comes back empty is told again, and nobody falls ill meanwhile', async () => {
    const before = twin.reports.length;
    await consul.kill();
    await consul.start();
    await until('registered again', async () => (await registered()).includes('web'));
    await until('its checks pass', async () => (await statuses()).join() === 'alive: passing,ready: passing');
    const said = twin.reports
      .slice(before)
      .flat()
      .flatMap(({ Services }) => Services ?? []);
    expect(said.filter(({ Status }) => Status !== 'passing')).toEqual([]);
  });

  it('the next agent takes up what is registered, removes leftovers, and leaves the services of others alone', async () => {
    const nodeId = running!.agent.nodeId;
    await running!.leave();
    await api.register(stranger(`_serin-${nodeId}-a0-old-http`, 'old'), never);
    await api.register(stranger('db', 'db'), never);
    running = startAgent();
    await until('the leftover is gone', async () => !(await registered()).includes('old'));
    expect(await registered()).toEqual(['db', 'web']);
    expect(nodeSays()).toBe('passing');
  });

  it('an instance that stops has left Consul before', async () => {
    twin.stop('a1');
    await until('it has stopped', () => twin.alloc('a1').ClientStatus === 'complete');
    expect(await registered()).toEqual(['db']);
    expect(await statuses()).toEqual([]);
  });

  it('what it refuses is told in its own words', async () => {
    await expect(api.report('nobody', 'passing', '', never)).rejects.toThrow(
      /answers PUT \/v1\/agent\/check\/update\/nobody with \d+: /,
    );
    await expect(new ConsulClient({ url: 'http://127.0.0.1:9', token: '' }).self(never)).rejects.toThrow(
      /^Consul at http:\/\/127.0.0.1:9 does not answer: .*ECONNREFUSED/,
    );
  });
});
