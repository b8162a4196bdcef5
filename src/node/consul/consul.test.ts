import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Allocation } from '../../model/allocation.ts';
import type { TaskGroup } from '../../model/job.ts';
import { SECOND } from '../../model/nanos.ts';
import type { Service } from '../../model/service.ts';
import { FakeConsul } from '../testing/fake-consul.ts';
import { NodeLab } from '../testing/node-lab.ts';
import {
  sampleAlloc,
  sampleCheck,
  sampleGroup,
  sampleJob,
  sampleService,
  sampleTask,
  sampleUpdate,
} from '../testing/samples.ts';

let lab: NodeLab;
let consul: FakeConsul;

beforeEach(async () => {
  lab = new NodeLab();
  consul = new FakeConsul();
  lab.consul = consul;
  await lab.start();
});

afterEach(() => lab.close());

const check = sampleCheck({ Type: 'http', Path: '/health' });
const script = sampleCheck({ Name: 'ready', Type: 'script', Command: '/bin/true' });

async function place(changes: Partial<Service>, alloc: Partial<Allocation> = {}, group: Partial<TaskGroup> = {}) {
  const service = sampleService({ Provider: 'consul', Checks: [check], ...changes });
  const row = sampleAlloc('a1', { JobID: 'job-a1', ...alloc });
  lab.twin.place(row, sampleJob([sampleGroup({ Services: [service], ...group })], { ID: 'job-a1' }));
  await lab.pass(100);
}

const status = () => lab.alloc('a1').Services?.[0];
const judged = () => lab.reportsOf('a1').flatMap(({ Healthy }) => (Healthy ? [Healthy.Healthy] : []));

describe('a service with provider = "consul"', () => {
  it('is registered with what its job says, and with checks that Consul makes', async () => {
    await place({ Tags: ['v1', '${NOMAD_ALLOC_INDEX}'], Meta: { rack: '${meta.rack}' } });
    const { nodeId } = lab.agent;
    expect(consul.registered()).toMatchObject([
      {
        ID: `_serin-${nodeId}-a1-web-http`,
        Name: 'web',
        Tags: ['v1', '0'],
        Meta: { rack: 'r1', 'external-source': 'serin' },
        Address: '127.0.0.1',
        Checks: [
          { Name: 'alive', Status: 'critical', HTTP: expect.stringMatching(/^http:.*\/health$/), Interval: '10s' },
        ],
      },
    ]);
  });

  it('is as healthy as Consul says', async () => {
    await place({});
    await lab.pass(1_000);
    expect(status()).toMatchObject({ Status: 'critical', Checks: [{ Output: 'Consul has not made it yet' }] });
    consul.find('alive', 'passing', 'HTTP 200');
    await lab.pass(1_000);
    expect(status()).toMatchObject({ Status: 'passing', Checks: [{ Status: 'passing', Output: 'HTTP 200' }] });
    consul.find('alive', 'critical', 'HTTP 500');
    await lab.pass(1_100);
    expect(status()).toMatchObject({ Status: 'critical', Checks: [{ Status: 'critical', Output: 'HTTP 500' }] });
  });

  it('makes its deployment wait until Consul finds it healthy', async () => {
    await place({}, { DeploymentID: 'd1' }, { Update: sampleUpdate });
    await lab.pass(60_000);
    expect(judged()).toEqual([]);
    consul.find('alive', 'passing');
    await lab.pass(9_000);
    expect(judged()).toEqual([]);
    await lab.pass(2_500);
    expect(judged()).toEqual([true]);
  });

  it('has its scripts run here, and their results told to Consul', async () => {
    await place({ Checks: [script] });
    await lab.pass(1_000);
    expect(consul.registered()[0]?.Checks).toMatchObject([{ Name: 'ready', TTL: '42s' }]);
    expect(consul.statuses()).toEqual(['ready: passing']);
    expect(status()?.Status).toBe('passing');
    const reports = consul.writes.filter((write) => write === 'report passing').length;
    await lab.pass(30_000);
    expect(consul.writes.filter((write) => write === 'report passing').length).toBe(reports + 3);
  });

  it('leaves Consul before its task is signaled', async () => {
    await place({}, {}, { ShutdownDelay: 5 * SECOND });
    lab.twin.stop('a1');
    await lab.pass(1_000);
    expect(consul.registered()).toEqual([]);
    expect(lab.machine.signals).toEqual([]);
    await lab.pass(5_000);
    expect(lab.machine.signals).toHaveLength(1);
  });

  it('stops all the same while Consul is away, and leaves it when it is back', async () => {
    await place({});
    consul.isAway = true;
    lab.twin.stop('a1');
    await lab.pass(10_000);
    expect(lab.alloc('a1').ClientStatus).toBe('complete');
    consul.isAway = false;
    await lab.pass(6_000);
    expect(consul.registered()).toEqual([]);
  });

  it('is registered again, with the health that it had, when Consul has forgotten it', async () => {
    await place({});
    consul.find('alive', 'passing');
    await lab.pass(2_000);
    const before = lab.reportsOf('a1').length;
    consul.isAway = true;
    await lab.pass(20_000);
    consul.forget();
    consul.isAway = false;
    await lab.pass(6_000);
    expect(consul.statuses()).toEqual(['alive: passing']);
    expect(lab.reportsOf('a1').slice(before)).toEqual([]);
  });

  it('is taken up by the next agent, which removes what nobody wants any more, and nothing of others', async () => {
    await place({});
    consul.find('alive', 'passing');
    await lab.pass(1_000);
    await lab.leave();
    const [own] = consul.registered();
    await consul.register({ ...own!, ID: own!.ID.replace('-a1-', '-a0-'), Name: 'leftover' });
    await consul.register({ ...own!, ID: '_serin-another-node-a1-web', Name: 'of another node' });
    await consul.register({ ...own!, ID: 'db', Name: 'of a person' });
    await lab.start();
    await lab.pass(1_000);
    expect(
      consul
        .registered()
        .map(({ Name }) => Name)
        .sort(),
    ).toEqual(['of a person', 'of another node', 'web']);
    expect(status()?.Status).toBe('passing');
    expect(
      lab
        .reportsOf('a1')
        .flatMap(({ Services }) => Services ?? [])
        .slice(-1),
    ).toMatchObject([{ Status: 'passing' }]);
  });

  it('shows its tags for canaries as long as it is one', async () => {
    const canary = { Healthy: null, Timestamp: '', Canary: true, ModifyIndex: 1 };
    const tags = { Tags: ['live'], CanaryTags: ['canary'], Meta: { a: '1' }, CanaryMeta: { a: '2' } };
    await place(tags, { DeploymentStatus: canary });
    expect(consul.registered()).toMatchObject([{ Tags: ['canary'], Meta: { a: '2' } }]);
    await place(tags, { DeploymentStatus: { ...canary, Canary: false } });
    expect(consul.registered()).toMatchObject([{ Tags: ['live'], Meta: { a: '1' } }]);
  });

  it('is in maintenance while its set only rests', async () => {
    await place({}, { RestsUntilMs: 10_000_000 });
    await lab.pass(1_000);
    expect(consul.statuses()).toContain('maintenance: critical');
    await place({});
    await lab.pass(1_000);
    expect(consul.statuses()).toEqual(['alive: critical']);
  });

  it('restarts its task when Consul finds it failing for as long as check_restart says', async () => {
    const CheckRestart = { Limit: 3, Grace: 0, IgnoreWarnings: false };
    await place({ Checks: [{ ...check, CheckRestart }] });
    consul.find('alive', 'critical', 'HTTP 500');
    await lab.pass(19_000);
    expect(lab.machine.starts).toHaveLength(1);
    await lab.pass(12_000);
    expect(lab.events('a1')).toContain('Restart Signaled: healthcheck: check "alive" unhealthy');
  });

  it('does not wait for another that Consul refuses', async () => {
    consul.refused.add('bad');
    const services = ['bad', 'good'].map((Name) => sampleService({ Name, Provider: 'consul', Checks: [check] }));
    await place({}, {}, { Services: services });
    expect(consul.registered().map(({ Name }) => Name)).toEqual(['good']);
    await lab.pass(2_000);
    const bad = lab.alloc('a1').Services?.find(({ Service }) => Service === 'bad');
    expect(bad?.Checks).toMatchObject([{ Status: 'critical', Output: 'Consul refuses bad' }]);
  });
});

describe('a service that names no provider', () => {
  it('goes to the Consul that its node has', async () => {
    const { Provider: _, ...unsaid } = sampleService({ Checks: [check] });
    await place({}, {}, { Services: [unsaid] });
    expect(consul.registered()).toHaveLength(1);
  });

  it('is built in where it has none, or where its job says so', async () => {
    await place({ Provider: 'serin', Checks: [script] });
    expect(consul.registered()).toEqual([]);
    expect(status()?.Status).toBe('passing');
  });
});

describe('a node', () => {
  it('says which Consul it has, and takes it back when that goes', async () => {
    expect(lab.twin.node?.Attributes).toMatchObject({
      'consul.version': '1.8.7',
      'consul.datacenter': 'dc1',
      'consul.server': 'true',
      'unique.consul.name': 'one',
    });
    consul.isAway = true;
    await lab.pass(20_000);
    expect(lab.twin.node?.Attributes).not.toHaveProperty(['consul.version']);
  });

  it('without one says what is missing where a service asks for it', async () => {
    await lab.leave();
    lab.consul = undefined;
    await lab.start();
    await place({ Checks: [script] }, {}, { Tasks: [sampleTask()] });
    await lab.pass(2_000);
    expect(status()).toMatchObject({
      Status: 'critical',
      Checks: [{ Status: 'critical', Output: expect.stringContaining('set consul { address } in the configuration') }],
    });
  });
});
