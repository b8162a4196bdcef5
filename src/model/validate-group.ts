/** Judges a task group: what it holds, how it is updated, and that its tasks fit together. */
import { validateDisconnect } from './disconnect.ts';
import { type ErrorTree, within, wrong, wrongIf } from './error-tree.ts';
import type { JobType, TaskGroup } from './job.ts';
import { validateAffinities, validateConstraints, validateSpreads } from './validate-constraints.ts';
import { findRepeated, portLabels, validateNetworks } from './validate-network.ts';
import { validateMigrate, validateReschedule, validateRestart, validateUpdate } from './validate-policies.ts';
import { validateServices } from './validate-service.ts';
import { validateTask } from './validate-task.ts';
import { validateOurUpdate } from './validate-update.ts';

const LEAST_DISK_MB = 10;
const VOLUME_TYPES = ['host', 'csi'];

export function validateGroup(group: TaskGroup, type: JobType): ErrorTree[] {
  return [
    ...wrongIf(group.Name === '', 'Missing task group name'),
    ...wrongIf(group.Name.includes('\0'), 'Task group name contains null character'),
    ...wrongIf(group.Count < 0, "Task group count can't be negative"),
    ...wrongIf(
      type === 'system' && group.Count > 1,
      `Job type "system" runs one instance on each node: count is ${group.Count}, use 1`,
    ),
    ...wrongIf(group.Tasks.length === 0, 'Missing tasks for task group'),
    ...validateConstraints(group.Constraints, 'group'),
    ...validateAffinities(group.Affinities),
    ...validateSpreads(group.Spreads),
    ...within('Restart policy validation failed', validateRestart(group.RestartPolicy)),
    ...within('Reschedule policy validation failed', validateReschedule(group.ReschedulePolicy)),
    ...wrongIf(
      group.EphemeralDisk.SizeMB < LEAST_DISK_MB,
      `minimum DiskMB value is ${LEAST_DISK_MB}; got ${group.EphemeralDisk.SizeMB}`,
    ),
    ...wrongIf((group.ShutdownDelay ?? 0) < 0, 'ShutdownDelay must be a positive value'),
    ...wrongIf((group.StopAfterClientDisconnect ?? 0) < 0, 'StopAfterClientDisconnect must be a positive value'),
    ...(group.Disconnect ? within('Disconnect validation failed', validateDisconnect(group.Disconnect)) : []),
    ...validateUpdateBlock(group, type),
    ...validateMigrateBlock(group, type),
    ...validateNetworks(group),
    ...validateVolumes(group),
    ...validateGroupServices(group),
    ...validateTasksTogether(group),
    ...group.Tasks.flatMap((task, at) =>
      within(`Task ${task.Name || at + 1} validation failed`, validateTask(task, group)),
    ),
  ];
}

function validateUpdateBlock(group: TaskGroup, type: JobType): ErrorTree[] {
  if (!group.Update) return [];
  if (type === 'batch' || type === 'sysbatch') return wrong(`Job type "${type}" does not allow update block`);
  return within('', [...validateUpdate(group.Update), ...validateOurUpdate(group.Update, type)]);
}

function validateMigrateBlock(group: TaskGroup, type: JobType): ErrorTree[] {
  if (!group.Migrate) return [];
  if (type !== 'service') return wrong(`Job type "${type}" does not allow migrate block`);
  return within('', validateMigrate(group.Migrate));
}

function validateVolumes({ Volumes, Update }: TaskGroup): ErrorTree[] {
  return Object.entries(Volumes ?? {}).flatMap(([name, volume]) =>
    within(`Volume ${name} validation failed`, [
      ...wrongIf(
        !VOLUME_TYPES.includes(volume.Type),
        `volume has unrecognised type ${JSON.stringify(volume.Type)}: use host or csi`,
      ),
      ...wrongIf(volume.Source === '', 'volume has an empty source'),
      // A canary has the index of an instance that still runs, and would share its volume.
      ...wrongIf(
        volume.PerAlloc === true && (Update?.Canary ?? 0) > 0,
        'volume cannot be per_alloc when canaries are in use',
      ),
    ]),
  );
}

/** Where a group has no network at all, its services' labels are the driver's affair; an ingress needs a port of the group. */
function validateGroupServices(group: TaskGroup): ErrorTree[] {
  const tasks = group.Tasks.map((task) => task.Name);
  const hasIngress = (group.Services ?? []).some((service) => service.Ingress !== undefined);
  const labels = group.Networks || hasIngress ? portLabels(group.Networks ?? []) : undefined;
  return validateServices(group.Services, { labels, owner: 'group', tasks });
}

function validateTasksTogether(group: TaskGroup): ErrorTree[] {
  const leaders = group.Tasks.filter((task) => task.Leader);
  const hasMain = group.Tasks.length === 0 || group.Tasks.some((task) => task.Lifecycle === null);
  return [
    ...findRepeated(group.Tasks, (task) => task.Name).flatMap(({ item, first }) =>
      wrong(
        `Task ${item.Name} is defined twice, as task ${group.Tasks.indexOf(first) + 1} and ${group.Tasks.indexOf(item) + 1}`,
      ),
    ),
    ...wrongIf(
      leaders.length > 1,
      `Only one task may be marked as leader, found ${leaders.map((task) => task.Name).join(', ')}`,
    ),
    ...wrongIf(!hasMain, 'Every task has a lifecycle hook: a group needs at least one main task without one'),
  ];
}
