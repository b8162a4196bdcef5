import { describe, expect, it } from 'vitest';
import { SECOND } from '../../model/nanos.ts';
import type { Service, ServiceCheck } from '../../model/service.ts';
import { sampleCheck, sampleGroup, sampleService } from '../testing/samples.ts';
import { wantedServices } from './consul-registrations.ts';

function registered(service: Partial<Service>, check: Partial<ServiceCheck> = {}) {
  const Services = [sampleService({ Checks: [sampleCheck(check)], ...service })];
  const [first] = wantedServices({
    nodeId: 'n1',
    allocId: 'a1',
    group: sampleGroup({ Services }),
    ports: [
      { Label: 'http', Value: 20_001, To: 0, HostIP: '::1' },
      { Label: 'admin', Value: 20_002, To: 0, HostIP: '0.0.0.0' },
    ],
    nodeAddress: '10.0.0.1',
    isCanary: false,
    isResting: false,
    usesConsul: () => true,
    isRunning: () => true,
    lookupFor: () => (name) => (name === 'NOMAD_DC' ? 'dc1' : undefined),
    check: () => undefined,
  });
  return first!.registration;
}

const checkOf = (check: Partial<ServiceCheck>) => {
  const { CheckID: _id, Name: _name, Status: _status, ...rest } = registered({}, check).Checks[0]!;
  return rest;
};

const PACE = { Interval: '10s', Timeout: '2s', SuccessBeforePassing: 0, FailuresBeforeCritical: 0 };

describe('in Consul', () => {
  it('a service stands at its own port, with names that its node knows', () => {
    expect(registered({ Name: 'web-${NOMAD_DC}', Tags: ['${NOMAD_DC}', '${other}'] })).toMatchObject({
      Name: 'web-dc1',
      Tags: ['dc1', '${other}'],
      Address: '::1',
      Port: 20_001,
    });
  });

  it.each<[string, Partial<ServiceCheck>, object]>([
    ['tcp', { Type: 'tcp', PortLabel: 'admin' }, { TCP: '10.0.0.1:20002', ...PACE }],
    [
      'http',
      { Type: 'http', Path: '/up', Method: 'POST', Body: 'ping', Header: { 'x-a': ['b'] } },
      {
        HTTP: 'http://[::1]:20001/up',
        Method: 'POST',
        Header: { 'x-a': ['b'] },
        Body: 'ping',
        TLSSkipVerify: false,
        ...PACE,
      },
    ],
    [
      'https with thresholds',
      {
        Type: 'http',
        Path: '/',
        Protocol: 'https',
        TLSSkipVerify: true,
        SuccessBeforePassing: 2,
        FailuresBeforeCritical: 3,
        FailuresBeforeWarning: 1,
      },
      {
        HTTP: 'https://[::1]:20001/',
        Method: 'GET',
        Header: {},
        Body: '',
        TLSSkipVerify: true,
        ...PACE,
        SuccessBeforePassing: 2,
        FailuresBeforeCritical: 3,
        FailuresBeforeWarning: 1,
      },
    ],
    [
      'grpc',
      { Type: 'grpc', GRPCService: 'shop', GRPCUseTLS: true },
      { GRPC: '[::1]:20001/shop', GRPCUseTLS: true, TLSSkipVerify: false, ...PACE },
    ],
    ['statuses of its own', { Type: 'http', SuccessCodes: '401' }, { TTL: '42s' }],
    ['script', { Type: 'script', Command: '/x', Interval: 60 * SECOND }, { TTL: '1m32s' }],
  ])('a check of type %s', (_name, check, expected) => {
    expect(checkOf(check)).toEqual(expected);
  });

  it('ids are safe in a URL, and differ for checks of one name', () => {
    const checks = [sampleCheck({ Name: 'a/b "c"' }), sampleCheck({ Name: 'a/b "c"' })];
    const ids = registered({ Checks: checks }).Checks.map(({ CheckID }) => CheckID);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(encodeURIComponent(id)).toBe(id);
  });
});
