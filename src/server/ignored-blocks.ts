/**
 * What a job file may say and nothing here acts on: the blocks are kept and shown, so that a file that runs elsewhere is
 * taken, but whoever relies on one must learn it when the job is submitted, not from an empty folder.
 */
import type { Job, TaskGroup } from '../model/job.ts';
import type { Service, ServiceCheck } from '../model/service.ts';
import type { Task } from '../model/task.ts';

interface Rule<T> {
  readonly block: string;
  readonly isThere: (owner: T) => boolean;
}

const isSome = (list: unknown): boolean => Array.isArray(list) && list.length > 0;

const OF_GROUPS: readonly Rule<TaskGroup>[] = [
  { block: 'volume', isThere: ({ Volumes }) => Object.keys(Volumes ?? {}).length > 0 },
  { block: 'scaling', isThere: ({ Scaling }) => Scaling != null },
  { block: 'connect', isThere: ({ Services }) => (Services ?? []).some(({ Connect }) => Connect != null) },
  { block: 'check.expose', isThere: hasExposedCheck },
  { block: 'address_mode', isThere: hasOtherAddress },
  { block: 'ephemeral_disk.sticky', isThere: ({ EphemeralDisk }) => EphemeralDisk.Sticky || EphemeralDisk.Migrate },
  {
    block: 'stop_after_client_disconnect',
    isThere: ({ StopAfterClientDisconnect }) => StopAfterClientDisconnect != null,
  },
];

interface Provider {
  readonly Services: readonly Service[] | null;
}

function checksOf(services: readonly Service[] | null): ServiceCheck[] {
  return (services ?? []).flatMap(({ Checks }) => Checks ?? []);
}

function hasExposedCheck({ Services }: Provider): boolean {
  return checksOf(Services).some(({ Expose }) => Expose);
}

/** Everything is reached at the node's address. */
function hasOtherAddress({ Services }: Provider): boolean {
  return [...(Services ?? []), ...checksOf(Services)].some(({ AddressMode }) => /^(driver|alloc)$/.test(AddressMode));
}

const OF_TASKS: readonly Rule<Task>[] = [
  { block: 'template', isThere: ({ Templates }) => isSome(Templates) },
  { block: 'artifact', isThere: ({ Artifacts }) => isSome(Artifacts) },
  { block: 'volume_mount', isThere: ({ VolumeMounts }) => isSome(VolumeMounts) },
  { block: 'vault', isThere: ({ Vault }) => Vault != null },
  { block: 'scaling', isThere: ({ ScalingPolicies }) => isSome(ScalingPolicies) },
  { block: 'check.expose', isThere: hasExposedCheck },
  { block: 'address_mode', isThere: hasOtherAddress },
  { block: 'csi_plugin', isThere: ({ CSIPluginConfig }) => CSIPluginConfig != null },
];

/** Nodes offer the host's network alone, so such a group waits for ever; a container needs no mode for its ports. */
function unofferedModes({ Name, Networks }: TaskGroup): string[] {
  const modes = new Set((Networks ?? []).map(({ Mode }) => Mode).filter((mode) => mode !== '' && mode !== 'host'));
  return [...modes].map(
    (mode) =>
      `group ${JSON.stringify(Name)}: no node offers network mode ${JSON.stringify(mode)}, so nothing is placed: leave it out; ` +
      'containers of driver "docker" have a network of their own, and "ports" in their config maps the group\'s into it',
  );
}

/** One sentence for each block that is there. */
export function ignoredBlocks(job: Job): string[] {
  return job.TaskGroups.flatMap((group) => [
    ...unofferedModes(group),
    ...sentences(OF_GROUPS, group, `group ${JSON.stringify(group.Name)}`),
    ...group.Tasks.flatMap((task) => sentences(OF_TASKS, task, `task ${JSON.stringify(task.Name)}`)),
  ]);
}

const sentences = <T>(rules: readonly Rule<T>[], owner: T, where: string): string[] =>
  rules
    .filter(({ isThere }) => isThere(owner))
    .map(({ block }) => `${where}: "${block}" is kept and shown, but Serin does not act on it`);
