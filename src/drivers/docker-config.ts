/**
 * The `config` block of a docker task: which keys there are, of which kind, and what this node's operator forbids.
 * Nested blocks come from job files as lists of maps; `blockOf` and `blocksOf` read them however they were written.
 */
import { parseDuration } from '../lib/duration.ts';
import type { DockerPluginConfig } from './docker-plugin-config.ts';

export type DriverConfig = Readonly<Record<string, unknown>>;

type Kind = 'text' | 'flag' | 'number' | 'list' | 'words' | 'map' | 'duration' | 'auth' | 'mounts' | 'logging';

export const DOCKER_CONFIG_KEYS: Readonly<Record<string, Kind>> = {
  image: 'text',
  force_pull: 'flag',
  image_pull_timeout: 'duration',
  auth: 'auth',
  command: 'text',
  args: 'list',
  entrypoint: 'words',
  work_dir: 'text',
  labels: 'map',
  ports: 'list',
  network_mode: 'text',
  network_aliases: 'list',
  hostname: 'text',
  extra_hosts: 'list',
  dns_servers: 'list',
  dns_search_domains: 'list',
  dns_options: 'list',
  volumes: 'list',
  mount: 'mounts',
  mounts: 'mounts',
  readonly_rootfs: 'flag',
  shm_size: 'number',
  init: 'flag',
  tty: 'flag',
  interactive: 'flag',
  privileged: 'flag',
  cap_add: 'list',
  cap_drop: 'list',
  ulimit: 'map',
  sysctl: 'map',
  pids_limit: 'number',
  logging: 'logging',
};

const AUTH_KEYS = ['username', 'password', 'email', 'server_address'];
const LOGGING_KEYS = ['type', 'driver', 'config'];
const MOUNT_KEYS = [
  'type',
  'target',
  'destination',
  'source',
  'readonly',
  'bind_options',
  'tmpfs_options',
  'volume_options',
];
const MOUNT_TYPES = ['bind', 'tmpfs', 'volume'];

/** Every problem, each a sentence. */
export function checkDockerConfig(config: DriverConfig, plugin: DockerPluginConfig): string[] {
  const given = Object.entries(config).filter(([, value]) => value !== undefined && value !== null);
  return [
    ...(isText(config.image) && config.image !== ''
      ? []
      : ['config: "image" is missing; name the image to run, for example image = "nginx:1.25"']),
    ...given.flatMap(([key, value]) => keyProblems(key, value)),
    ...forbidden(config, plugin),
  ];
}

function keyProblems(key: string, value: unknown): string[] {
  const kind = Object.hasOwn(DOCKER_CONFIG_KEYS, key) ? DOCKER_CONFIG_KEYS[key] : undefined;
  if (kind === undefined) {
    return [
      `config: docker has no "${key}" here; it knows ${Object.keys(DOCKER_CONFIG_KEYS)
        .map((known) => `"${known}"`)
        .join(', ')}`,
    ];
  }
  if (!KINDS[kind].holds(value)) return [`config: "${key}" must be ${KINDS[kind].words}`];
  return KINDS[kind].inside?.(key, value) ?? [];
}

interface KindRule {
  readonly words: string;
  readonly holds: (value: unknown) => boolean;
  /** What is wrong further down. */
  readonly inside?: (key: string, value: unknown) => string[];
}

const KINDS: Readonly<Record<Kind, KindRule>> = {
  text: { words: 'a text', holds: isText },
  flag: { words: 'true or false', holds: (value) => typeof value === 'boolean' },
  number: { words: 'a whole number', holds: (value) => Number.isInteger(value) },
  list: { words: 'a list of texts', holds: isScalarList },
  words: { words: 'a text or a list of texts', holds: (value) => isText(value) || isScalarList(value) },
  map: { words: 'a block of names and texts', holds: (value) => isBlocks(value) && isFlat(blockOf(value)) },
  duration: { words: 'a duration such as "5m"', holds: (value) => isText(value) && parseDuration(value) !== undefined },
  auth: { words: 'one block', holds: isBlocks, inside: (key, value) => unknownKeys(key, blockOf(value), AUTH_KEYS) },
  logging: {
    words: 'one block',
    holds: isBlocks,
    inside: (key, value) => unknownKeys(key, blockOf(value), LOGGING_KEYS),
  },
  mounts: { words: 'a block, or a list of them', holds: isBlocks, inside: mountProblems },
};

function mountProblems(key: string, value: unknown): string[] {
  return blocksOf(value).flatMap((mount) => {
    const type = mount.type ?? 'volume';
    return [
      ...unknownKeys(key, mount, MOUNT_KEYS),
      ...(MOUNT_TYPES.includes(String(type))
        ? []
        : [`config: a ${key} of type "${type}" is none of ${MOUNT_TYPES.join(', ')}`]),
      ...(isText(mount.target ?? mount.destination)
        ? []
        : [`config: a ${key} needs "target", the path in the container`]),
      ...(type === 'bind' && !isText(mount.source)
        ? [`config: a ${key} of type "bind" needs "source", the path to mount`]
        : []),
    ];
  });
}

const unknownKeys = (key: string, block: DriverConfig, known: readonly string[]): string[] =>
  Object.keys(block)
    .filter((name) => !known.includes(name))
    .map((name) => `config: "${key}" has no "${name}"; it knows ${known.map((each) => `"${each}"`).join(', ')}`);

/** Ordered: what this node's operator has to allow first. */
function forbidden(config: DriverConfig, plugin: DockerPluginConfig): string[] {
  const problems: string[] = [];
  if (config.privileged === true && !plugin.allowPrivileged) {
    problems.push('config: privileged containers are off on this node: plugin "docker" has no allow_privileged = true');
  }
  const refused = capabilities(config.cap_add).filter((name) => !allows(plugin.allowCaps, name));
  if (refused.length > 0) {
    problems.push(`config: cap_add asks for ${refused.join(', ')}, which allow_caps of plugin "docker" does not have`);
  }
  return problems;
}

/** Without their prefix, in capitals. */
export const capabilities = (value: unknown): string[] =>
  textsOf(value).map((name) => name.toUpperCase().replace(/^CAP_/, ''));

const allows = (allowed: readonly string[], name: string): boolean =>
  allowed.some((each) => each.toUpperCase() === 'ALL' || each.toUpperCase().replace(/^CAP_/, '') === name);

export const blocksOf = (value: unknown): DriverConfig[] =>
  (Array.isArray(value) ? value : [value]).filter((each): each is DriverConfig => isMap(each));

/** The one block of that name; several are merged, as in job files. */
export const blockOf = (value: unknown): DriverConfig => Object.assign({}, ...blocksOf(value));

export const mapOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(blockOf(value)).map(([key, each]) => [key, String(each)]));

export const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

export const textOf = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Numbers and booleans are taken as their text, as in job files. */
function isScalarList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => ['string', 'number', 'boolean'].includes(typeof each));
}

function isBlocks(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isMap) : isMap(value);
}

function isFlat(block: DriverConfig): boolean {
  return Object.values(block).every((each) => each === null || typeof each !== 'object');
}

function isMap(value: unknown): value is DriverConfig {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
