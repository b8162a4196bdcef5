import { describe, expect, it } from 'vitest';
import { SECOND } from '../model/nanos.ts';
import type { CheckState } from './check-state.ts';
import { describeMissingPort, endpointOf, serviceStatuses } from './service-status.ts';
import { drainDeadlineMs, shutdownDelayMs } from './stop-times.ts';
import { sampleCheck, sampleGroup, sampleIngress, sampleService, sampleTask } from './testing/samples.ts';

const ports = [{ Label: 'http', Value: 20_001, To: 0, HostIP: '10.0.0.1' }];
const state = (status: CheckState['status']): CheckState => ({
  status,
  output: 'out',
  timestampMs: 5,
  passingSinceMs: undefined,
  successes: 0,
  failures: 0,
});

const group = sampleGroup({
  Tasks: [
    sampleTask({ Name: 'web', Services: [sampleService({ Name: 'own', PortLabel: '9090' })] }),
    sampleTask({ Name: 'init', Lifecycle: { Hook: 'prestart', Sidecar: false } }),
  ],
  Services: [sampleService({ Checks: [sampleCheck(), sampleCheck({ Name: '' })] })],
});

const judge = (running: boolean, statuses: CheckState['status'][], draining = false) => {
  let at = 0;
  return serviceStatuses({
    group,
    ports,
    nodeAddress: '127.0.0.1',
    isRunning: (task) => running && task === 'web',
    check: () => state(statuses[at++] ?? 'pending'),
    draining,
  });
};

describe('serviceStatuses', () => {
  it('lists the services of group and tasks with address and checks', () => {
    expect(judge(true, ['passing', 'passing'])).toEqual([
      {
        Service: 'web',
        PortLabel: 'http',
        Address: '10.0.0.1',
        Port: 20_001,
        Status: 'passing',
        Checks: [
          { Check: 'alive', Status: 'passing', Output: 'out', TimestampMs: 5 },
          { Check: 'service: "web" check', Status: 'passing', Output: 'out', TimestampMs: 5 },
        ],
      },
      { Service: 'own', PortLabel: '9090', Address: '127.0.0.1', Port: 9090, Status: 'passing', Checks: [] },
    ]);
  });

  it('say what the last failure found where the newest look says something else', () => {
    const causeOf = (output: string): string | undefined => {
      const check = (): CheckState => ({ ...state('passing'), output, lastFailMs: 3, lastFailOutput: 'refused' });
      const facts = { group, ports, nodeAddress: '127.0.0.1', isRunning: () => true, check, draining: false };
      return serviceStatuses(facts)[0]?.Checks[0]?.LastFailOutput;
    };
    expect([causeOf('HTTP 200'), causeOf('refused')]).toEqual(['refused', undefined]);
  });

  it.each<[string, boolean, CheckState['status'][], boolean, string]>([
    ['a check has not passed yet', true, ['passing', 'pending'], false, 'critical'],
    ['a check only warns, and that is not enough', true, ['warning', 'passing'], false, 'critical'],
    ['a check fails', true, ['critical', 'passing'], false, 'critical'],
    ['its task does not run', false, ['passing', 'passing'], false, 'critical'],
    ['it drains, whatever its checks say', true, ['critical', 'passing'], true, 'draining'],
  ])('%s', (_name, running, statuses, draining, expected) => {
    expect(judge(running, statuses, draining)[0]?.Status).toBe(expected);
  });
});

describe('endpointOf', () => {
  it("takes the node's address for a port that is open on all", () => {
    expect(endpointOf('x', [{ Label: 'x', Value: 1, To: 0, HostIP: '0.0.0.0' }], '10.1.1.1')).toEqual({
      address: '10.1.1.1',
      port: 1,
    });
  });
});

describe('the times of a stop', () => {
  it('are the longest that apply', () => {
    const Ingress = [sampleIngress, { ...sampleIngress, DrainDeadline: 60 * SECOND }];
    expect(drainDeadlineMs(sampleGroup({ Services: [sampleService({ Ingress }), sampleService()] }))).toBe(60_000);
    expect(drainDeadlineMs(sampleGroup()), 'added by hand').toBe(300_000);
    expect(shutdownDelayMs(sampleGroup({ ShutdownDelay: 2 * SECOND }), sampleTask({ ShutdownDelay: SECOND }))).toBe(
      2_000,
    );
    expect(shutdownDelayMs(sampleGroup(), sampleTask({ ShutdownDelay: SECOND }))).toBe(1_000);
  });
});

it('a check of a port that nobody declared names it, and what there is: "127.0.0.1:0" was refused for ever', () => {
  const named = (labels: readonly string[], known = ports) => labels.map((label) => describeMissingPort(label, known));
  expect(named(['http', '8080'])).toEqual([undefined, undefined]);
  const sentence = 'port "web" is not one of the group\'s network ("http"): add it there, or name another';
  expect(named(['web'])).toEqual([sentence]);
  expect(named(['web'], [])).toEqual([expect.stringContaining('network (none)')]);
});
