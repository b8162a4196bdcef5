/** Blue/green as zdd.py has it: the app of a colour, and what is done next. */
import { describe, expect, it } from 'vitest';
import { coloursOf, nextColour, readZddDefinition } from './zdd-app.ts';
import { type ColourState, nextStep, type ZddGoal } from './zdd-step.ts';

const WEB = {
  id: 'web',
  cmd: 'serve',
  instances: 4,
  ports: [10000],
  labels: { HAPROXY_GROUP: 'external', HAPROXY_DEPLOYMENT_GROUP: 'web', HAPROXY_DEPLOYMENT_ALT_PORT: '10001' },
};
const NOW = Date.parse('2026-11-20T16:14:16.740Z');
const OPTIONS = { instances: 1, newInstances: 0, nowMs: NOW };

describe('the app of a colour', () => {
  it('is blue with the first port where there is none', () => {
    expect(nextColour(readZddDefinition(WEB), undefined, OPTIONS)).toEqual({
      id: '/web-blue',
      cmd: 'serve',
      instances: 1,
      ports: [10000],
      labels: {
        HAPROXY_GROUP: 'external',
        HAPROXY_DEPLOYMENT_GROUP: 'web',
        HAPROXY_DEPLOYMENT_ALT_PORT: '10001',
        HAPROXY_APP_ID: 'web',
        HAPROXY_0_PORT: '10000',
        HAPROXY_DEPLOYMENT_COLOUR: 'blue',
        HAPROXY_DEPLOYMENT_STARTED_AT: '2026-11-20T16:14:16.740Z',
        HAPROXY_DEPLOYMENT_TARGET_INSTANCES: '4',
        HAPROXY_DEPLOYMENT_NEW_INSTANCES: '0',
      },
    });
  });

  it('changes with the one that is there, in colour and port', () => {
    const definition = readZddDefinition(WEB);
    const blue = { ...nextColour(definition, undefined, OPTIONS), ports: [10000] } as never;
    const green = nextColour(definition, blue, OPTIONS);
    expect([green.id, green['ports']]).toEqual(['/web-green', [10001]]);
    const again = nextColour(definition, { ...green, ports: [10001] } as never, OPTIONS);
    expect([again.id, again['ports']]).toEqual(['/web-blue', [10000]]);
  });

  it.each<[string, object, object]>([
    [
      'port definitions',
      { portDefinitions: [{ port: 10000, name: 'http' }] },
      { portDefinitions: [{ port: 10001, name: 'http' }] },
    ],
    [
      'mappings of 1.4',
      {
        container: {
          type: 'DOCKER',
          docker: { image: 'i', network: 'BRIDGE', portMappings: [{ containerPort: 80, servicePort: 10000 }] },
        },
      },
      {
        container: {
          type: 'DOCKER',
          docker: { image: 'i', network: 'BRIDGE', portMappings: [{ containerPort: 80, servicePort: 10001 }] },
        },
      },
    ],
    [
      'mappings of 1.5',
      {
        networks: [{ mode: 'container/bridge' }],
        container: {
          type: 'DOCKER',
          docker: { image: 'i' },
          portMappings: [{ containerPort: 80, servicePort: 10000 }],
        },
      },
      {
        container: {
          type: 'DOCKER',
          docker: { image: 'i' },
          portMappings: [{ containerPort: 80, servicePort: 10001 }],
        },
      },
    ],
  ])('has its port among %s', (_, written, expected) => {
    const { ports: __, cmd: ___, ...web } = WEB;
    const definition = readZddDefinition({ ...web, ...('container' in written ? {} : { cmd: 'serve' }), ...written });
    expect(nextColour(definition, { id: '/b', ports: [10000], instances: 4 }, OPTIONS)).toMatchObject(expected);
  });

  it('may have several ports: users come in by the written ones', () => {
    const definition = readZddDefinition({ ...WEB, ports: [10000, 10050] });
    const green = nextColour(definition, { id: '/b', ports: [10000, 12345], instances: 4 }, OPTIONS);
    expect(green).toMatchObject({ ports: [10001, 0], labels: { HAPROXY_0_PORT: '10000', HAPROXY_1_PORT: '10050' } });
  });

  it('cannot be made without what tells colours apart', () => {
    expect(() => readZddDefinition({ id: 'web', cmd: 'serve' })).toThrow(
      'The app needs the label HAPROXY_DEPLOYMENT_GROUP, the same for both colours; the label HAPROXY_DEPLOYMENT_ALT_PORT, ' +
        'a service port for the other colour; a service port: ports, portDefinitions or portMappings with a number.',
    );
  });

  it('is found again by its labels, the newest first', () => {
    const definition = readZddDefinition(WEB);
    const blue = nextColour(definition, undefined, OPTIONS) as never as { id: string; instances: number };
    const green = nextColour(definition, blue, { ...OPTIONS, nowMs: NOW + 1 }) as never as {
      id: string;
      instances: number;
    };
    const other = { id: '/x', instances: 1, labels: { HAPROXY_DEPLOYMENT_GROUP: 'web' } };
    expect(coloursOf(definition, [blue, other, green]).map(({ id }) => id)).toEqual(['/web-green', '/web-blue']);
  });
});

const state = (instances: number, healthy = instances, isDeploying = false): ColourState => ({
  instances,
  healthy,
  isDeploying,
});
const ALL: ZddGoal = { target: 4, fresh: 4 };

describe('the next step', () => {
  it.each<[string, ColourState, ColourState | undefined, ZddGoal, object]>([
    ['of one that is not healthy', state(1, 0), state(4), ALL, { kind: 'wait', for: 'fresh' }],
    ['of one that is being changed', state(1, 1, true), state(4), ALL, { kind: 'wait', for: 'fresh' }],
    ['with one more than wanted', state(1), state(4), ALL, { kind: 'kill', count: 1 }],
    ['while the old one is being changed', state(1), state(3, 4, true), ALL, { kind: 'wait', for: 'old' }],
    ['beside an old one that is never well', state(3), state(2, 1, true), ALL, { kind: 'scale', instances: 4 }],
    ['in place of an old one that is never well', state(4), state(1, 0, true), ALL, { kind: 'remove' }],
    [
      'beside an old one that is never well and is to stay',
      state(2),
      state(2, 1, true),
      { target: 4, fresh: 2 },
      { kind: 'wait', for: 'old' },
    ],
    ['with as many as wanted', state(1), state(3), ALL, { kind: 'scale', instances: 2 }],
    ['with as many new ones as old ones', state(2), state(2), ALL, { kind: 'scale', instances: 4 }],
    ['with all new ones', state(4), state(2), ALL, { kind: 'kill', count: 2 }],
    ['without old ones', state(4), state(0), ALL, { kind: 'remove' }],
    [
      'with fewer old ones than wanted, as after a failure',
      state(1),
      state(1, 0),
      ALL,
      { kind: 'scale', instances: 4 },
    ],
    ['of the first colour', state(4), undefined, ALL, { kind: 'done' }],
    ['of the first colour that waits', state(4, 3), undefined, ALL, { kind: 'wait', for: 'fresh' }],
    ['in even steps', state(2), state(2), { ...ALL, increase: 1 }, { kind: 'scale', instances: 3 }],
    ['of a share that grows', state(1), state(3), { target: 4, fresh: 2 }, { kind: 'scale', instances: 2 }],
    ['of a share that is there', state(2), state(3), { target: 4, fresh: 2 }, { kind: 'kill', count: 1 }],
    ['of a share that is reached', state(2), state(2), { target: 4, fresh: 2 }, { kind: 'done' }],
  ])('%s', (_, fresh, old, goal, expected) => {
    expect(nextStep(fresh, old, goal)).toEqual(expected);
  });

  it('ends for every size and start, and never goes below the target', () => {
    for (let target = 1; target <= 12; target++) {
      for (let start = 1; start <= target; start++) {
        for (const increase of [undefined, 1, 3]) {
          for (let share = start; share <= target; share++)
            expect(run(target, share, start, increase)).toBeLessThan(40);
        }
      }
    }
  });
});

/** How many steps it takes. */
function run(target: number, fresh: number, start: number, increase: number | undefined): number {
  const goal = { target, fresh, ...(increase !== undefined && { increase }) };
  let [now, old] = [start, target];
  for (let steps = 0; steps < 100; steps++) {
    const step = nextStep(state(now), state(old), goal);
    if (step.kind === 'kill') old -= step.count;
    if (step.kind === 'scale') now = step.instances;
    expect(now + old).toBeGreaterThanOrEqual(target);
    if (step.kind === 'remove' || step.kind === 'done') {
      expect([now, old]).toEqual([fresh, target - fresh]);
      return steps;
    }
  }
  return Number.POSITIVE_INFINITY;
}
