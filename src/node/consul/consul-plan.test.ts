import { describe, expect, it } from 'vitest';
import type { ConsulRegistration, ConsulStatus } from './consul-api.ts';
import { definitionOf, type Observed, planSync } from './consul-plan.ts';

const PREFIX = '_serin-n1-';

const service = (changes: Partial<ConsulRegistration> = {}): ConsulRegistration => ({
  ID: `${PREFIX}a1-web-http`,
  Name: 'web',
  Tags: ['v1'],
  Meta: { rack: 'r1' },
  Address: '127.0.0.1',
  Port: 20_000,
  EnableTagOverride: false,
  Checks: [
    { CheckID: `${PREFIX}a1-check-0`, Name: 'alive', Status: 'critical', TCP: '127.0.0.1:20000', Interval: '10s' },
  ],
  ...changes,
});

/** What a Consul says that has taken these registrations. */
const taken = (...services: ConsulRegistration[]): Observed => ({
  services: services.map(({ Name, Checks: _, ...rest }) => ({ ...rest, Service: Name })),
  checks: services.flatMap(({ ID, Checks }) =>
    Checks.map(({ CheckID, Name }) => ({
      CheckID,
      Name,
      Status: 'passing' as ConsulStatus,
      Output: '',
      ServiceID: ID,
    })),
  ),
});

interface Case {
  readonly wanted?: ConsulRegistration[];
  readonly observed: Observed;
  /** What this agent has registered before; default: what is wanted. */
  readonly registered?: ConsulRegistration[];
}

function plan({ wanted = [service()], observed, registered = wanted }: Case) {
  const { register, deregister, maintain } = planSync({
    prefix: PREFIX,
    wanted: wanted.map((registration) => ({ registration, isResting: false })),
    observed,
    registered: new Map(registered.map((each) => [each.ID, definitionOf(each)])),
  });
  return { register: register.map(({ ID }) => ID), deregister: [...deregister], maintain: [...maintain] };
}

const NOTHING = { register: [], deregister: [], maintain: [] };
const [id] = [service().ID];
const maintenance = (ServiceID: string) => ({
  CheckID: `_service_maintenance:${ServiceID}`,
  Name: 'Service Maintenance Mode',
  Status: 'critical' as const,
  Output: '',
  ServiceID,
});

describe('Consul is told', () => {
  it.each<[string, Case, object]>([
    ['nothing, where it says what it should', { observed: taken(service()) }, {}],
    ['of a service that it does not have', { observed: taken() }, { register: [id] }],
    [
      'of one that this agent has not registered itself',
      { observed: taken(service()), registered: [] },
      { register: [id] },
    ],
    ['of another port', { observed: taken(service({ Port: 1 })) }, { register: [id] }],
    ['of another name', { observed: taken(service({ Name: 'x' })) }, { register: [id] }],
    ['of tags that somebody has changed', { observed: taken(service({ Tags: [] })) }, { register: [id] }],
    ['of meta that somebody has changed', { observed: taken(service({ Meta: {} })) }, { register: [id] }],
    ['of a check that it has lost', { observed: taken(service({ Checks: [] })) }, { register: [id] }],
    [
      'of a check that is defined otherwise now',
      {
        observed: taken(service()),
        registered: [service({ Checks: service().Checks.map((check) => ({ ...check, Interval: '1s' })) })],
      },
      { register: [id] },
    ],
    [
      'nothing, where only the status differs that a check begins with',
      {
        observed: taken(service()),
        registered: [service({ Checks: service().Checks.map((check) => ({ ...check, Status: 'passing' })) })],
      },
      {},
    ],
    [
      'nothing of tags that others may override',
      {
        wanted: [service({ EnableTagOverride: true })],
        observed: taken(service({ EnableTagOverride: true, Tags: ['x'] })),
      },
      {},
    ],
    ['to forget what nobody wants any more', { wanted: [], observed: taken(service()) }, { deregister: [id] }],
    [
      'nothing of what is not ours',
      {
        wanted: [],
        observed: taken(service({ ID: 'db' }), service({ ID: '_serin-n2-a1-web' }), service({ ID: '_nomad-task' })),
      },
      {},
    ],
    [
      'to send requests again where somebody rests no more',
      { observed: { ...taken(service()), checks: [...taken(service()).checks, maintenance(id)] } },
      { maintain: [{ id, isOn: false }] },
    ],
  ])('%s', (_name, given, expected) => {
    expect(plan(given)).toEqual({ ...NOTHING, ...expected });
  });
});
