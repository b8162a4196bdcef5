/**
 * What the engine is asked to create for a task. Pure: the whole mapping from a job file's `config` to the engine's
 * words is here, and is tested as a table.
 */
import { dirname, isAbsolute, normalize, relative, resolve } from 'node:path';
import type { ContainerCreateOptions, HostConfig, MountSettings, PortMap } from 'dockerode';
import { SerinError } from '../lib/errors.ts';
import { blockOf, blocksOf, capabilities, type DriverConfig, mapOf, textOf, textsOf } from './docker-config.ts';
import { fullImageName } from './docker-image.ts';
import type { DockerPluginConfig } from './docker-plugin-config.ts';
import type { TaskConfig, TaskPort, TaskWorld } from './driver.ts';

/** Where a container finds the allocation's folders. */
export const DOCKER_WORLD: TaskWorld = {
  allocDir: '/alloc',
  localDir: '/local',
  secretsDir: '/secrets',
  hasHostEnv: false,
};

/** Ours among an engine's containers; `owner` names one agent's data directory. */
export const LABELS = {
  owner: 'com.serin.owner',
  taskId: 'com.serin.task_id',
  allocId: 'com.serin.alloc_id',
  taskName: 'com.serin.task_name',
} as const;

/** The engine's copy of the output: what a task may write while no agent reads it. */
const DEFAULT_LOGGING = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } };

const MIB = 1024 * 1024;
/** Linux takes no less. */
const MIN_CPU_SHARES = 2;

export const containerName = (task: TaskConfig): string => `${task.taskName.replace(/[^\w.-]/g, '_')}-${task.allocId}`;

export function containerOptions(task: TaskConfig, plugin: DockerPluginConfig, owner: string): ContainerCreateOptions {
  const { config } = task;
  const ports = portMappings(task);
  const command = [...optional(textOf(config.command)), ...textsOf(config.args)];
  const entrypoint = typeof config.entrypoint === 'string' ? [config.entrypoint] : textsOf(config.entrypoint);
  return {
    name: containerName(task),
    Image: fullImageName(textOf(config.image)),
    ...(command.length > 0 && { Cmd: command }),
    ...(entrypoint.length > 0 && { Entrypoint: entrypoint }),
    Env: Object.entries(task.env).map(([name, value]) => `${name}=${value}`),
    ...(task.user !== '' && { User: task.user }),
    ...(textOf(config.work_dir) !== '' && { WorkingDir: textOf(config.work_dir) }),
    ...(textOf(config.hostname) !== '' && { Hostname: textOf(config.hostname) }),
    Labels: { ...mapOf(config.labels), ...ownLabels(task, owner) },
    Tty: config.tty === true,
    OpenStdin: config.interactive === true,
    ...(Object.keys(ports).length > 0 && {
      ExposedPorts: Object.fromEntries(Object.keys(ports).map((key) => [key, {}])),
    }),
    HostConfig: hostConfig(task, ports, plugin),
    ...networking(config),
  };
}

const ownLabels = (task: TaskConfig, owner: string): Record<string, string> => ({
  [LABELS.owner]: owner,
  [LABELS.taskId]: task.id,
  [LABELS.allocId]: task.allocId,
  [LABELS.taskName]: task.taskName,
});

function hostConfig(task: TaskConfig, ports: PortMap, plugin: DockerPluginConfig): HostConfig {
  const { config } = task;
  return {
    Binds: [...ownFolders(task), ...textsOf(config.volumes).map((volume) => volumeBind(volume, task, plugin))],
    Mounts: [...blocksOf(config.mount), ...blocksOf(config.mounts)].map((mount) => mountSettings(mount, task, plugin)),
    PortBindings: ports,
    ...(textOf(config.network_mode) !== '' && { NetworkMode: textOf(config.network_mode) }),
    ...memory(task),
    CpuShares: Math.max(MIN_CPU_SHARES, Math.round(task.cpuMHz)),
    Privileged: config.privileged === true,
    CapAdd: capabilities(config.cap_add),
    CapDrop: capabilities(config.cap_drop),
    ReadonlyRootfs: config.readonly_rootfs === true,
    ...(config.init === true && { Init: true }),
    ...(config.pids_limit !== undefined && config.pids_limit !== null && { PidsLimit: Number(config.pids_limit) }),
    ...(Number(config.shm_size ?? 0) > 0 && { ShmSize: Number(config.shm_size) }),
    ExtraHosts: textsOf(config.extra_hosts),
    Dns: textsOf(config.dns_servers),
    DnsSearch: textsOf(config.dns_search_domains),
    DnsOptions: textsOf(config.dns_options),
    Ulimits: Object.entries(mapOf(config.ulimit)).map(([name, value]) => ulimit(name, value)),
    Sysctls: mapOf(config.sysctl),
    LogConfig: logging(config),
    // Restarts are the node's to decide, and a container that has ended is read before it is removed.
    RestartPolicy: { Name: 'no' },
    AutoRemove: false,
  };
}

function memory({ memoryMB, memoryMaxMB }: TaskConfig): Partial<HostConfig> {
  if (memoryMB <= 0) return {};
  const reserved = memoryMB * MIB;
  return memoryMaxMB > memoryMB
    ? { Memory: memoryMaxMB * MIB, MemorySwap: memoryMaxMB * MIB, MemoryReservation: reserved }
    : { Memory: reserved, MemorySwap: reserved };
}

const ownFolders = (task: TaskConfig): string[] => [
  `${task.allocDir}:${DOCKER_WORLD.allocDir}`,
  `${task.taskDir}/local:${DOCKER_WORLD.localDir}`,
  `${task.taskDir}/secrets:${DOCKER_WORLD.secretsDir}`,
];

/** "host:container[:options]"; a relative host path lies in the task's folder. */
function volumeBind(volume: string, task: TaskConfig, plugin: DockerPluginConfig): string {
  const [source = '', ...rest] = volume.split(':');
  if (rest.length === 0 || rest[0] === '') {
    throw new SerinError('driver', `volume "${volume}" must be written "source:target" or "source:target:ro"`);
  }
  return [hostPath(source, task, plugin), ...rest].join(':');
}

function mountSettings(mount: DriverConfig, task: TaskConfig, plugin: DockerPluginConfig): MountSettings {
  const Type = (textOf(mount.type) || 'volume') as MountSettings['Type'];
  const source = textOf(mount.source);
  return {
    Type,
    Target: textOf(mount.target) || textOf(mount.destination),
    Source: Type === 'bind' ? hostPath(source, task, plugin) : source,
    ReadOnly: mount.readonly === true,
    ...(Type === 'bind' && bindOptions(mount)),
    ...(Type === 'tmpfs' && tmpfsOptions(mount)),
    ...(Type === 'volume' && volumeOptions(mount)),
  } as MountSettings;
}

function bindOptions(mount: DriverConfig): object {
  const { propagation } = blockOf(mount.bind_options);
  return propagation === undefined ? {} : { BindOptions: { Propagation: textOf(propagation) } };
}

function tmpfsOptions(mount: DriverConfig): object {
  const { size, mode } = blockOf(mount.tmpfs_options);
  if (size === undefined && mode === undefined) return {};
  return {
    TmpfsOptions: {
      ...(size !== undefined && { SizeBytes: Number(size) }),
      ...(mode !== undefined && { Mode: Number(mode) }),
    },
  };
}

function volumeOptions(mount: DriverConfig): object {
  const options = blockOf(mount.volume_options);
  if (Object.keys(options).length === 0) return {};
  const driver = blockOf(options.driver_config);
  return {
    VolumeOptions: {
      NoCopy: options.no_copy === true,
      Labels: mapOf(options.labels),
      ...(textOf(driver.name) !== '' && {
        DriverConfig: { Name: textOf(driver.name), Options: mapOf(driver.options) },
      }),
    },
  };
}

/** Folders of the allocation are a task's own; any other is the node's, and its operator must allow it. */
function hostPath(source: string, task: TaskConfig, plugin: DockerPluginConfig): string {
  const path = isAbsolute(source) ? normalize(source) : resolve(task.taskDir, source);
  const isOwn = !relative(dirname(task.taskDir), path).startsWith('..');
  if (isOwn || plugin.allowHostVolumes) return path;
  throw new SerinError(
    'driver',
    `"${source}" lies outside the allocation's folders: this node's plugin "docker" has no volumes { enabled = true }`,
  );
}

/** Every label of `ports`, TCP and UDP. A container in another's network has no ports of its own. */
function portMappings(task: TaskConfig): PortMap {
  if (/^(host|none|container:.*)$/.test(textOf(task.config.network_mode))) return {};
  const bindings: PortMap = {};
  for (const label of textsOf(task.config.ports)) {
    const port = portOf(label, task.ports);
    for (const protocol of ['tcp', 'udp']) {
      const key = `${port.to}/${protocol}`;
      bindings[key] = [...(bindings[key] ?? []), { HostIp: port.hostIP, HostPort: String(port.value) }];
    }
  }
  return bindings;
}

function portOf(label: string, ports: readonly TaskPort[]): TaskPort {
  const port = ports.find((each) => each.label === label);
  if (port !== undefined) return port;
  const known = ports.map((each) => `"${each.label}"`).join(', ') || 'none';
  throw new SerinError('driver', `config: port "${label}" is not one of the group's network (${known})`);
}

function networking(config: DriverConfig): Partial<ContainerCreateOptions> {
  const aliases = textsOf(config.network_aliases);
  const mode = textOf(config.network_mode);
  if (aliases.length === 0 || mode === '') return {};
  return { NetworkingConfig: { EndpointsConfig: { [mode]: { Aliases: aliases } } } };
}

/** "soft" or "soft:hard". */
function ulimit(name: string, value: string): { Name: string; Soft: number; Hard: number } {
  const [soft, hard = soft] = value.split(':').map(Number);
  if (!Number.isInteger(soft) || !Number.isInteger(hard)) {
    throw new SerinError('driver', `config: ulimit ${name} = "${value}" must be a number, or two as in "1024:2048"`);
  }
  return { Name: name, Soft: soft!, Hard: hard! };
}

function logging(config: DriverConfig): NonNullable<HostConfig['LogConfig']> {
  const block = blockOf(config.logging);
  const type = textOf(block.type) || textOf(block.driver);
  return type === '' ? DEFAULT_LOGGING : { Type: type, Config: mapOf(block.config) };
}

const optional = (text: string): string[] => (text === '' ? [] : [text]);
