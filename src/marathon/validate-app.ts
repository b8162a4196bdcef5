/** What can be wrong with an app whose types are right: every problem at once, with Marathon's paths. */
import { realmProblem, userProblems } from '../model/ingress-users.ts';
import type { MarathonApp, MarathonHealthCheck, MarathonReadinessCheck } from './app.ts';
import { idProblem } from './app-id.ts';
import type { AppInput } from './app-schema.ts';
import { canaryProblems } from './canary.ts';
import { deadlineProblem, PROGRESS_DEADLINE } from './deadline.ts';
import { isListed, passwordOf } from './labels.ts';
import { portNames } from './ports.ts';
import { type FieldProblem, MarathonProblem } from './problems.ts';
import { isMapped } from './read-app.ts';

/** Throws a `MarathonProblem` of status 422. `input` is what was sent: it may say a thing twice. */
export function validateApp(app: MarathonApp, input: AppInput): void {
  const problems = [
    ...validateId(app),
    ...validateCommand(app),
    ...validateNumbers(app),
    ...validatePorts(app, input),
    ...validateChecks(app),
    ...validateConstraints(app),
    ...validateStrategies(app),
    ...validateDeadline(app),
    ...validatePasswords(app),
    ...canaryProblems(app),
    ...refuseUnsupported(input),
  ];
  if (problems.length > 0) throw new MarathonProblem(422, problems);
}

const problemIf = (isWrong: boolean, path: string, error: string): FieldProblem[] => (isWrong ? [{ path, error }] : []);

/** What cannot be checked is refused: neither would it be safe to open the hosts, nor of any use to keep them shut. */
function validatePasswords(app: MarathonApp): FieldProblem[] {
  const labels = Object.keys(app.labels).flatMap((name) => /^HAPROXY_(\d+)_AUTH$/.exec(name)?.[1] ?? []);
  return labels
    .map(Number)
    .filter((at) => isListed(app, at))
    .flatMap((at) => {
      const password = passwordOf(app, at);
      const path = `/labels/HAPROXY_${at}_AUTH`;
      if (password === undefined) return [];
      if (password === 'wrong') return [{ path, error: 'must be of the form realm:user:hash' }];
      const realm = realmProblem(password.AuthRealm, 'the realm');
      const problems = [...(realm === undefined ? [] : [realm]), ...userProblems(password.AuthUsers, 'the label')];
      return problems.map((error) => ({ path, error }));
    });
}

function validateId({ id }: MarathonApp): FieldProblem[] {
  const problem = idProblem(id);
  return problem === undefined ? [] : [{ path: '/id', error: problem }];
}

function validateCommand({ cmd, args, container }: MarathonApp): FieldProblem[] {
  const hasImage = container?.docker !== undefined;
  const given = Number(cmd !== null) + Number(args !== null && (args.length > 0 || hasImage));
  return [
    ...problemIf(
      given > 1 || (given === 0 && !hasImage),
      '/',
      "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
    ),
    ...problemIf(hasImage && container?.docker?.image === '', '/container/docker/image', 'must not be empty'),
    ...problemIf(
      container?.type === 'DOCKER' && !hasImage,
      '/container/docker',
      'not defined, though the container is of type DOCKER',
    ),
  ];
}

function validateNumbers(app: MarathonApp): FieldProblem[] {
  const atLeastZero = (['instances', 'cpus', 'mem', 'disk'] as const).flatMap((key) =>
    problemIf(app[key] < 0, `/${key}`, `got ${app[key]}, expected 0 or more`),
  );
  return [
    ...atLeastZero,
    ...problemIf(app.gpus > 0, '/gpus', 'GPUs cannot be given to a task here; leave it 0'),
    ...problemIf(app.backoffSeconds < 0, '/backoffSeconds', `got ${app.backoffSeconds}, expected 0 or more`),
    ...problemIf(app.backoffFactor < 1, '/backoffFactor', `got ${app.backoffFactor}, expected 1 or more`),
    ...problemIf(
      (app.taskKillGracePeriodSeconds ?? 0) < 0,
      '/taskKillGracePeriodSeconds',
      `got ${app.taskKillGracePeriodSeconds}, expected 0 or more`,
    ),
  ];
}

function validatePorts(app: MarathonApp, input: AppInput): FieldProblem[] {
  const { ports = [], portDefinitions = [], container } = app;
  const mappings = container?.docker?.portMappings ?? [];
  const names = (isMapped(app) ? mappings : portDefinitions).flatMap(({ name }) => name ?? []);
  const fixed = ports.filter((port) => port !== 0);
  const place = isMapped(app) ? '/container/docker/portMappings' : '/portDefinitions';
  const given = input.ports ?? undefined;
  const defined = input.portDefinitions?.map(({ port }) => port ?? 0);
  const differ = given !== undefined && defined !== undefined && !isEquivalent(given, defined);
  return [
    ...problemIf(new Set(fixed).size !== fixed.length, '/ports', 'Elements must be unique'),
    ...problemIf(new Set(names).size !== names.length, place, 'Port names must be unique.'),
    ...problemIf(differ && !isMapped(app), '/', 'cannot specify both ports and port definitions that differ'),
    ...[...ports, ...mappings.flatMap(({ containerPort, hostPort }) => [containerPort, hostPort])].flatMap((port) =>
      problemIf(port < 0 || port > 65_535, place, `got ${port}, expected a port between 0 and 65535`),
    ),
    ...problemIf(
      (input.uris?.length ?? 0) > 0 && (input.fetch?.length ?? 0) > 0 && !isSameUris(input),
      '/',
      'may not specify both uris and fetch',
    ),
  ];
}

/** What Marathon itself answers says both: a dynamic port there is the number that it became. */
const isEquivalent = (ports: readonly number[], defined: readonly number[]): boolean =>
  ports.length === defined.length && ports.every((port, at) => port === defined[at]);

const isSameUris = ({ uris, fetch }: AppInput): boolean =>
  uris?.length === fetch?.length && (uris ?? []).every((uri, at) => uri === fetch?.[at]?.uri);

function validateChecks(app: MarathonApp): FieldProblem[] {
  return [
    ...app.healthChecks.flatMap((check, at) => validateCheck(app, check, `/healthChecks(${at})`)),
    ...problemIf(app.readinessChecks.length > 1, '/readinessChecks', 'must not contain more than one element'),
    ...app.readinessChecks.flatMap((check, at) => validateReadiness(app, check, `/readinessChecks(${at})`)),
  ];
}

function validateCheck({ ports }: MarathonApp, check: MarathonHealthCheck, path: string): FieldProblem[] {
  const { protocol, portIndex, port } = check;
  const isOfAPort = protocol !== 'COMMAND';
  return [
    ...problemIf(
      isOfAPort && port === undefined && ports !== undefined && (portIndex ?? 0) >= ports.length,
      path,
      'Health check port indices must address an element of the ports array or container port mappings.',
    ),
    ...problemIf(protocol === 'COMMAND' && !check.command?.value, `${path}/command`, 'undefined, expected a command'),
    ...(['intervalSeconds', 'timeoutSeconds', 'gracePeriodSeconds', 'maxConsecutiveFailures'] as const).flatMap((key) =>
      problemIf(check[key] < 0, `${path}/${key}`, `got ${check[key]}, expected 0 or more`),
    ),
  ];
}

function validateReadiness(app: MarathonApp, check: MarathonReadinessCheck, path: string): FieldProblem[] {
  const { portName, httpStatusCodesForReady: codes } = check;
  return [
    ...problemIf(
      !portNames(app).includes(portName),
      `${path}/portName`,
      `No port definition reference for portName '${portName}'`,
    ),
    ...problemIf(codes.length === 0, `${path}/httpStatusCodesForReady`, 'must not be empty'),
    ...problemIf(
      codes.some((code) => code < 100 || code > 599),
      `${path}/httpStatusCodesForReady`,
      'must be statuses of HTTP, from 100 to 599',
    ),
    ...(['intervalSeconds', 'timeoutSeconds'] as const).flatMap((key) =>
      problemIf(check[key] < 0, `${path}/${key}`, `got ${check[key]}, expected 0 or more`),
    ),
    ...problemIf(
      check.timeoutSeconds > check.intervalSeconds,
      `${path}/timeoutSeconds`,
      `Timeout (${check.timeoutSeconds} seconds) must be less than the interval (${check.intervalSeconds} seconds)`,
    ),
  ];
}

const OPERATORS: Readonly<Record<string, readonly number[]>> = {
  UNIQUE: [2],
  CLUSTER: [2, 3],
  GROUP_BY: [2, 3],
  LIKE: [3],
  UNLIKE: [3],
  MAX_PER: [3],
};

function validateConstraints({ constraints }: MarathonApp): FieldProblem[] {
  return constraints.flatMap((constraint, at) => {
    const path = `/constraints(${at})`;
    const [, operator = '', value = ''] = constraint;
    const lengths = OPERATORS[operator.toUpperCase()];
    if (!lengths) return [{ path, error: `operator must be one of: ${Object.keys(OPERATORS).join(', ')}` }];
    if (!lengths.includes(constraint.length))
      return [{ path, error: `${operator} needs ${lengths.join(' or ')} texts` }];
    const isCount = ['MAX_PER', 'GROUP_BY'].includes(operator.toUpperCase()) && constraint.length === 3;
    return problemIf(isCount && !/^\d+$/.test(value), path, `Value '${value}' is not a number`);
  });
}

function validateStrategies({ upgradeStrategy, labels, instances, unreachableStrategy }: MarathonApp): FieldProblem[] {
  const isSingle = labels.MARATHON_SINGLE_INSTANCE_APP === 'true';
  const { minimumHealthCapacity: min, maximumOverCapacity: over } = upgradeStrategy;
  return [
    ...(['minimumHealthCapacity', 'maximumOverCapacity'] as const).flatMap((key) =>
      problemIf(
        upgradeStrategy[key] < 0 || upgradeStrategy[key] > 1,
        `/upgradeStrategy/${key}`,
        `got ${upgradeStrategy[key]}, expected between 0.0 and 1.0`,
      ),
    ),
    ...problemIf(
      isSingle && (min !== 0 || over !== 0),
      '/upgradeStrategy',
      'must be 0 and 0 for an app with the label MARATHON_SINGLE_INSTANCE_APP',
    ),
    ...problemIf(isSingle && instances > 1, '/instances', 'Only one instance of this app is permitted'),
    ...problemIf(
      unreachableStrategy !== 'disabled' &&
        unreachableStrategy.inactiveAfterSeconds > unreachableStrategy.expungeAfterSeconds,
      '/unreachableStrategy',
      'inactiveAfterSeconds must be less or equal to expungeAfterSeconds',
    ),
  ];
}

function validateDeadline(app: MarathonApp): FieldProblem[] {
  const error = deadlineProblem(app);
  return error === undefined ? [] : [{ path: `/labels/${PROGRESS_DEADLINE}`, error }];
}

/** What an app may ask of Marathon and cannot have here, each with what to do instead. */
function refuseUnsupported({ secrets, env, residency, container }: AppInput): FieldProblem[] {
  const references = Object.entries(env ?? {}).filter(([, value]) => typeof value === 'object');
  const persistent = (container?.volumes ?? []).filter((volume) => 'persistent' in volume || 'external' in volume);
  return [
    ...problemIf(
      Object.keys(secrets ?? {}).length > 0,
      '/secrets',
      'Feature secrets is not enabled here: put the value into env, or read it from a file that the node has',
    ),
    ...references.map(([name]) => ({
      path: `/env/${name}`,
      error: 'refers to a secret: put the value itself here, or read it from a file that the node has',
    })),
    ...problemIf(residency != null, '/residency', 'resident tasks are not supported: use a volume of the host'),
    ...problemIf(
      persistent.length > 0,
      '/container/volumes',
      'persistent and external volumes are not supported: use a volume with a hostPath',
    ),
  ];
}
