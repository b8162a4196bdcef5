/** What an app of the simulation is like: drawn from the seed, then written as somebody would put it. */
import { type Random, randomInt } from '../../src/lib/random.ts';
import type { AppInput } from '../../src/marathon/app-schema.ts';
import { chance, drawAbsence, oneOf } from '../spec.ts';

export interface AppSpec {
  readonly id: string;
  readonly instances: number;
  readonly minimumHealthCapacity: number;
  readonly maximumOverCapacity: number;
  readonly killSelection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST';
  readonly hasChecks: boolean;
  /** The port of the ingress; undefined: no ingress has it. */
  readonly listen: number | undefined;
  readonly needs: readonly string[];
  /** undefined: what is lost is replaced at once. */
  readonly unreachable?: AppInput['unreachableStrategy'];
}

/** `/shop/api` needs `/shop/db`: what others need comes first. */
export const APP_IDS = ['/web', '/shop/db', '/shop/api'] as const;

const MAX_INSTANCES = 8;

export function drawApp(random: Random, id: string, ingresses: number): AppSpec {
  const at = APP_IDS.indexOf(id as (typeof APP_IDS)[number]);
  return {
    id,
    instances: chance(random, 0.07) ? 0 : 1 + randomInt(random, MAX_INSTANCES),
    minimumHealthCapacity: oneOf(random, [1, 1, 1, 0.5, 0.5, 0.7, 0.25, 0]),
    maximumOverCapacity: oneOf(random, [1, 0, 0, 0.2, 0.5, 0.34]),
    killSelection: oneOf(random, ['YOUNGEST_FIRST', 'OLDEST_FIRST']),
    hasChecks: chance(random, 0.8),
    listen: ingresses > 0 && chance(random, 0.7) ? 19_000 + at : undefined,
    needs: id === '/shop/api' && chance(random, 0.5) ? ['/shop/db'] : [],
  };
}

/** Some apps wait for tasks of lost nodes; drawn beside all else, as with jobs. */
export function drawUnreachable(random: Random): Pick<AppSpec, 'unreachable'> {
  if (!chance(random, 0.3)) return {};
  const { lostAfterSeconds, replaceAfterSeconds } = drawAbsence(random);
  if (lostAfterSeconds === undefined) return { unreachable: 'disabled' };
  const inactiveAfterSeconds = replaceAfterSeconds ?? lostAfterSeconds;
  return { unreachable: { inactiveAfterSeconds, expungeAfterSeconds: lostAfterSeconds } };
}

/** What is waited for for ever keeps a world from coming to rest. */
export const withEndOfWait = (spec: AppSpec): AppSpec =>
  spec.unreachable === 'disabled'
    ? { ...spec, unreachable: { inactiveAfterSeconds: 30, expungeAfterSeconds: 60 } }
    : spec;

export const drawInstances = (random: Random): number => randomInt(random, MAX_INSTANCES + 1);

/** Each release has its own fate on the nodes, found by the label. */
export function appInput(spec: AppSpec, release: string): AppInput {
  const { minimumHealthCapacity, maximumOverCapacity } = spec;
  return {
    id: spec.id,
    cmd: `serve ${release}`,
    cpus: 0.1,
    mem: 64,
    instances: spec.instances,
    upgradeStrategy: { minimumHealthCapacity, maximumOverCapacity },
    killSelection: spec.killSelection,
    ...(spec.unreachable && { unreachableStrategy: spec.unreachable }),
    dependencies: [...spec.needs],
    portDefinitions: [{ port: spec.listen ?? 0 }],
    healthChecks: spec.hasChecks ? [{ protocol: 'HTTP', path: '/' }] : [],
    labels: { release, ...(spec.listen !== undefined && { HAPROXY_GROUP: 'external' }) },
  };
}

/** "/web 4 (0.5/0.2, with checks)" */
export function appInWords(spec: AppSpec): string {
  const words = [
    `${spec.minimumHealthCapacity}/${spec.maximumOverCapacity}`,
    spec.hasChecks && 'with checks',
    spec.listen !== undefined && `ingress ${spec.listen}`,
    spec.needs.length > 0 && `needs ${spec.needs.join()}`,
    spec.unreachable && `unreachable ${JSON.stringify(spec.unreachable)}`,
  ];
  return `${spec.id} ${spec.instances} (${words.filter((word) => word !== false && word !== undefined).join(', ')})`;
}
