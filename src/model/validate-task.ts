/** Judges a task: its driver, resources, files, services and place in the life of its group. */
import { type ErrorTree, within, wrong, wrongIf } from './error-tree.ts';
import type { TaskGroup } from './job.ts';
import { escapesDirectory } from './path-escape.ts';
import { isSignal } from './signals.ts';
import type { Task, TaskResources, Template, VolumeMount } from './task.ts';
import { validateArtifact } from './validate-artifact.ts';
import { validateAffinities, validateConstraints } from './validate-constraints.ts';
import { findRepeated, portLabels } from './validate-network.ts';
import { validateRestart } from './validate-policies.ts';
import { validateServices } from './validate-service.ts';

const LEAST_CPU = 1;
const LEAST_MEMORY_MB = 10;
const HOOKS = ['prestart', 'poststart', 'poststop'];
const CHANGE_MODES = ['noop', 'restart', 'signal'];
const PROPAGATION_MODES = ['private', 'host-to-task', 'bidirectional'];

export function validateTask(task: Task, group: TaskGroup): ErrorTree[] {
  return [
    ...validateNames(task),
    ...wrongIf(task.KillTimeout < 0, 'KillTimeout must be a positive value'),
    ...wrongIf(task.ShutdownDelay < 0, 'ShutdownDelay must be a positive value'),
    ...wrongIf(task.KillSignal !== '' && !isSignal(task.KillSignal), unknownSignal('kill_signal', task.KillSignal)),
    ...validateResources(task.Resources),
    ...validateLogs(task, group),
    ...within('Restart policy validation failed', validateRestart(task.RestartPolicy)),
    ...validateConstraints(task.Constraints, 'task'),
    ...validateAffinities(task.Affinities),
    ...validateTaskServices(task, group),
    ...(task.Artifacts ?? []).flatMap((artifact, at) =>
      within(`Artifact ${at + 1} validation failed`, validateArtifact(artifact)),
    ),
    ...validateTemplates(task.Templates ?? []),
    ...(task.VolumeMounts ?? []).flatMap((mount, at) =>
      within(`Volume Mount ${at + 1} validation failed`, validateMount(mount, group)),
    ),
    ...validateLifecycle(task),
    ...validateVault(task),
  ];
}

function validateNames(task: Task): ErrorTree[] {
  return [
    ...wrongIf(task.Name === '', 'Missing task name'),
    ...wrongIf(/[/\\]/.test(task.Name), 'Task name cannot include slashes'),
    ...wrongIf(task.Name.includes('\0'), 'Task name cannot include null characters'),
    ...wrongIf(task.Driver === '', 'Missing task driver'),
  ];
}

function validateResources(resources: TaskResources): ErrorTree[] {
  const { CPU, Cores, MemoryMB, MemoryMaxMB } = resources;
  return within('Task resources validation failed', [
    ...wrongIf(Cores > 0 && CPU > 0, "Task can only ask for 'cpu' or 'cores' resource, not both."),
    ...wrongIf(Cores < 0, `cores can not be less than zero; got ${Cores}`),
    ...wrongIf(Cores === 0 && CPU < LEAST_CPU, `minimum CPU value is ${LEAST_CPU}; got ${CPU}`),
    ...wrongIf(MemoryMB < LEAST_MEMORY_MB, `minimum MemoryMB value is ${LEAST_MEMORY_MB}; got ${MemoryMB}`),
    ...wrongIf(
      MemoryMaxMB !== 0 && MemoryMaxMB < MemoryMB,
      `MemoryMaxMB value (${MemoryMaxMB}) should be larger than MemoryMB value (${MemoryMB})`,
    ),
  ]);
}

function validateLogs(task: Task, group: TaskGroup): ErrorTree[] {
  const { MaxFiles, MaxFileSizeMB } = task.LogConfig;
  const logsMB = MaxFiles * MaxFileSizeMB;
  const diskMB = group.EphemeralDisk.SizeMB;
  return [
    ...wrongIf(MaxFiles < 1, `minimum number of files is 1; got ${MaxFiles}`),
    ...wrongIf(MaxFileSizeMB < 1, `minimum file size is 1MB; got ${MaxFileSizeMB}`),
    ...wrongIf(logsMB >= diskMB, `log storage (${logsMB} MB) must be less than requested disk capacity (${diskMB} MB)`),
  ];
}

function validateTaskServices(task: Task, group: TaskGroup): ErrorTree[] {
  const labels = portLabels([...(group.Networks ?? []), ...(task.Resources.Networks ?? [])]);
  const tasks = group.Tasks.map((each) => each.Name);
  return validateServices(task.Services, { labels, owner: 'task', tasks });
}

function validateTemplates(templates: readonly Template[]): ErrorTree[] {
  return [
    ...templates.flatMap((template, at) => within(`Template ${at + 1} validation failed`, validateTemplate(template))),
    ...findRepeated(templates, (template) => template.DestPath).flatMap(({ item }) =>
      wrong(`Two templates have the same destination ${JSON.stringify(item.DestPath)}`),
    ),
  ];
}

function validateTemplate(template: Template): ErrorTree[] {
  const needsSignal = template.ChangeMode === 'signal' && !isSignal(template.ChangeSignal);
  return [
    ...wrongIf(
      template.SourcePath === '' && template.EmbeddedTmpl === '',
      'Must specify a source path or have an embedded template',
    ),
    ...wrongIf(template.DestPath === '', 'Must specify a destination for the template'),
    ...wrongIf(escapesDirectory(template.DestPath), 'template destination escapes the allocation directory'),
    ...wrongIf(
      !CHANGE_MODES.includes(template.ChangeMode),
      `Invalid change mode ${JSON.stringify(template.ChangeMode)}. Must be one of the following: ${CHANGE_MODES.join(', ')}`,
    ),
    ...wrongIf(needsSignal, unknownSignal('change_signal', template.ChangeSignal)),
    ...wrongIf(template.Splay < 0, 'Must specify positive splay value'),
    ...wrongIf(!/^0?[0-7]{3,4}$/.test(template.Perms), `Failed to parse ${JSON.stringify(template.Perms)} as octal`),
  ];
}

function validateMount(mount: VolumeMount, group: TaskGroup): ErrorTree[] {
  const known = Object.keys(group.Volumes ?? {});
  return [
    ...wrongIf(mount.Destination === '', 'Missing destination'),
    ...wrongIf(!known.includes(mount.Volume), `volume ${JSON.stringify(mount.Volume)} is not defined in the group`),
    ...wrongIf(
      !PROPAGATION_MODES.includes(mount.PropagationMode),
      `propagation_mode must be one of ${PROPAGATION_MODES.join(', ')}, not ${JSON.stringify(mount.PropagationMode)}`,
    ),
  ];
}

function validateLifecycle(task: Task): ErrorTree[] {
  if (!task.Lifecycle) return [];
  const { Hook } = task.Lifecycle;
  if (Hook === '') return wrong('no lifecycle hook provided');
  return wrongIf(!HOOKS.includes(Hook), `invalid hook: ${Hook} (use ${HOOKS.join(', ')})`);
}

function validateVault(task: Task): ErrorTree[] {
  const vault = task.Vault as { Policies: string[] | null } | null;
  return wrongIf(vault !== null && (vault.Policies ?? []).length === 0, 'Vault block must have at least one policy');
}

const unknownSignal = (what: string, signal: string): string =>
  `${what} ${JSON.stringify(signal)} is no signal: use a name such as SIGTERM or SIGUSR1`;
