/** What people send, and what becomes of it: defaults, other spellings, updates, everything that is wrong at once. */
import { describe, expect, it } from 'vitest';
import type { AppInput } from './app-schema.ts';
import { newApp } from './fixtures.ts';
import { parseApp } from './parse-app.ts';
import { MarathonProblem } from './problems.ts';
import { readApp, withUpdate } from './read-app.ts';
import { withServicePorts } from './service-ports.ts';
import { validateApp } from './validate-app.ts';

function problemsOf(json: unknown): { status: number; details: Record<string, string[]> } {
  try {
    const { input } = parseApp(json);
    validateApp(readApp(input), input);
  } catch (error) {
    if (!(error instanceof MarathonProblem)) throw error;
    const details = error.body.details.map(({ path, errors }) => [path, errors] as const);
    return { status: error.status, details: Object.fromEntries(details) };
  }
  return { status: 200, details: {} };
}

describe('an app', () => {
  it('has every default', () => {
    expect(newApp()).toMatchObject({
      instances: 1,
      cpus: 1,
      mem: 128,
      upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
      ports: [0],
      portDefinitions: [{ port: 0, protocol: 'tcp', name: 'default' }],
      container: null,
      healthChecks: [],
    });
  });

  it('of 1.5 says its network beside the container', () => {
    const app = newApp({
      container: { type: 'DOCKER', docker: { image: 'nginx' }, portMappings: [{ containerPort: 80 }] },
      networks: [{ mode: 'container/bridge' }],
    });
    expect(app.container?.docker).toMatchObject({ network: 'BRIDGE', portMappings: [{ containerPort: 80 }] });
    expect(app.ports).toEqual([0]);
  });

  it('has the health checks that stand in its container, with a warning', () => {
    const check = { protocol: 'HTTP', path: '/' };
    const { input, warnings } = parseApp({
      id: '/a',
      container: { type: 'DOCKER', docker: { image: 'x', healthChecks: [check] } },
    });
    expect(readApp(input).healthChecks).toMatchObject([{ protocol: 'HTTP', path: '/', portIndex: 0 }]);
    expect(warnings).toEqual([expect.stringContaining('healthChecks stands in container.docker')]);
  });

  it('names the keys that nobody knows, and none of those that Marathon itself writes', () => {
    const { warnings } = parseApp({ id: '/a', tty: true, version: 'x', healthChecks: [{ retries: 1 }] });
    expect(warnings).toEqual(['ignored, since Marathon knows no such key: tty, healthChecks.retries']);
  });

  it('says every wrong type at once', () => {
    expect(problemsOf({ id: 1, instances: '2', healthChecks: [{ path: {} }], labels: [] })).toEqual({
      status: 400,
      details: {
        '/id': ['error.expected.jsstring'],
        '/instances': ['error.expected.jsnumber'],
        '/healthChecks(0)/path': ['error.expected.jsstring'],
        '/labels': ['error.expected.jsobject'],
      },
    });
  });

  it.each<[string, AppInput, string]>([
    ['an id in capitals', { id: '/Web' }, '/id'],
    ['neither command nor container', { cmd: null }, '/'],
    ['command and arguments', { args: ['a'] }, '/'],
    ['negative instances', { instances: -1 }, '/instances'],
    [
      'a capacity above 1',
      { upgradeStrategy: { minimumHealthCapacity: 1.5 } },
      '/upgradeStrategy/minimumHealthCapacity',
    ],
    [
      'a password without a realm',
      { labels: { HAPROXY_GROUP: 'x', HAPROXY_0_AUTH: 'bob:$1$saltsalt$9xy1btjgzLYfb7hivXtC//' } },
      '/labels/HAPROXY_0_AUTH',
    ],
    [
      'a password that cannot be checked',
      { labels: { HAPROXY_GROUP: 'x', HAPROXY_0_AUTH: 'shop:bob:$2b$12$x' } },
      '/labels/HAPROXY_0_AUTH',
    ],
    ['a port twice', { ports: [8080, 8080] }, '/ports'],
    ['a port that is none', { ports: [70_000] }, '/portDefinitions'],
    ['ports beside other definitions', { ports: [1], portDefinitions: [{ port: 2 }] }, '/'],
    ['uris beside fetch', { uris: ['a'], fetch: [{ uri: 'b' }] }, '/'],
    ['a check of no port', { healthChecks: [{ portIndex: 3 }] }, '/healthChecks(0)'],
    ['a command check without command', { healthChecks: [{ protocol: 'COMMAND' }] }, '/healthChecks(0)/command'],
    ['an unknown operator', { constraints: [['hostname', 'NEAR']] }, '/constraints(0)'],
    ['two readiness checks', { readinessChecks: [{}, {}] }, '/readinessChecks'],
    ['secrets', { secrets: { a: { source: 'b' } } }, '/secrets'],
    ['a secret in its environment', { env: { A: { secret: 'a' } } }, '/env/A'],
    ['an image without a name', { container: { type: 'DOCKER', docker: {} } }, '/container/docker/image'],
    [
      'more instances than a single one',
      { instances: 2, labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' } },
      '/instances',
    ],
  ])('is refused with %s', (_, fields, path) => {
    const { status, details } = problemsOf({ id: '/web', cmd: 'serve', ...fields });
    expect(status).toBe(422);
    expect(Object.keys(details)).toContain(path);
  });
});

describe('an update', () => {
  const before = withServicePorts(newApp({ ports: [0, 0], uris: ['a.tgz'] }), []);
  const updated = (update: AppInput) => withServicePorts(readApp(withUpdate(before, update)), [], before);

  it('changes what it names and nothing else', () => {
    expect(updated({ instances: 5 })).toEqual({ ...before, instances: 5 });
  });

  it('keeps the service ports that the app had', () => {
    expect(updated({ ports: [0, 0, 0] }).ports).toEqual([10_000, 10_001, 10_002]);
    expect(updated({ ports: [9000, 0] }).ports).toEqual([9000, 10_000]);
  });

  it('in one spelling replaces the other', () => {
    expect(updated({ portDefinitions: [{ port: 7000, name: 'http' }] }).ports).toEqual([7000]);
    expect(updated({ fetch: [{ uri: 'b' }] }).uris).toEqual(['b']);
  });
});

describe('service ports', () => {
  it('are the first that no app uses', () => {
    expect(withServicePorts(newApp({ ports: [0, 10_001, 0] }), [10_000]).ports).toEqual([10_002, 10_001, 10_003]);
  });

  it('are the same in the mappings and the definitions of a container', () => {
    const app = withServicePorts(
      newApp({
        container: {
          type: 'DOCKER',
          docker: { image: 'x', network: 'BRIDGE', portMappings: [{ containerPort: 80 }, { servicePort: 9000 }] },
        },
      }),
      [],
    );
    expect(app.ports).toEqual([10_000, 9000]);
    expect(app.portDefinitions?.map(({ port }) => port)).toEqual([10_000, 9000]);
    expect(app.container?.docker?.portMappings.map(({ servicePort }) => servicePort)).toEqual([10_000, 9000]);
  });
});
