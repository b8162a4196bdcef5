/** The table of a whole job file: job and group; what stands in them has files of its own. */
import type { Json } from '../evaluate/value.ts';
import { network } from './network-schema.ts';
import { affinity, constraint, disconnect, migrate, reschedule, restart, spread, update } from './policy-schema.ts';
import { attribute, block, byLabel, freeForm, list, one, plainText, type Wire } from './schema.ts';
import { service } from './service-schema.ts';
import { task, vault } from './task-schema.ts';

const meta = one('Meta', freeForm('stringMap'));

const ephemeralDisk = block({
  attributes: {
    sticky: attribute('Sticky', 'bool'),
    migrate: attribute('Migrate', 'bool'),
    size: attribute('SizeMB', 'integer'),
  },
});

const mountOptions = block({
  attributes: { fs_type: plainText('FSType'), mount_flags: attribute('MountFlags', 'strings') },
});

const volume = block({
  labels: ['name'],
  labelWire: 'Name',
  attributes: {
    type: plainText('Type'),
    source: plainText('Source'),
    read_only: attribute('ReadOnly', 'bool', { absent: false }),
    access_mode: plainText('AccessMode'),
    attachment_mode: plainText('AttachmentMode'),
    per_alloc: attribute('PerAlloc', 'bool', { absent: false }),
  },
  blocks: { mount_options: one('MountOptions', mountOptions) },
});

const scaling = block({
  attributes: {
    min: attribute('Min', 'integer'),
    max: attribute('Max', 'integer'),
    enabled: attribute('Enabled', 'bool'),
  },
  blocks: { policy: one('Policy', freeForm('config')) },
  constants: { Type: 'horizontal' },
});

/** A vault block of a group or job is meant for its tasks that have none. */
function passOnVault({ vault: shared, ...group }: Wire): Wire {
  if (shared === undefined || !Array.isArray(group.Tasks)) return group;
  return { ...group, Tasks: group.Tasks.map((each) => withVault(each as Wire, shared)) };
}

const withVault = (each: Wire, shared: Json): Wire => ({ ...each, Vault: each.Vault ?? shared });

const group = block({
  labels: ['name'],
  labelWire: 'Name',
  attributes: {
    count: attribute('Count', 'integer'),
    shutdown_delay: attribute('ShutdownDelay', 'duration'),
    stop_after_client_disconnect: attribute('StopAfterClientDisconnect', 'duration'),
  },
  blocks: {
    task: list('Tasks', task),
    network: list('Networks', network),
    service: list('Services', service),
    update: one('Update', update),
    migrate: one('Migrate', migrate),
    restart: one('RestartPolicy', restart),
    reschedule: one('ReschedulePolicy', reschedule),
    disconnect: one('Disconnect', disconnect, { absent: undefined }),
    constraint: list('Constraints', constraint),
    affinity: list('Affinities', affinity),
    spread: list('Spreads', spread),
    ephemeral_disk: one('EphemeralDisk', ephemeralDisk),
    volume: byLabel('Volumes', volume),
    scaling: one('Scaling', scaling),
    consul: one('Consul', block({ attributes: { namespace: plainText('Namespace') } })),
    vault: one('vault', vault, { absent: undefined }),
    meta,
  },
  finish: passOnVault,
});

const periodic = block({
  attributes: {
    enabled: attribute('Enabled', 'bool'),
    cron: attribute('Spec', 'string', { required: true }),
    prohibit_overlap: attribute('ProhibitOverlap', 'bool'),
    time_zone: attribute('TimeZone', 'string'),
  },
  constants: { SpecType: 'cron' },
});

const parameterized = block({
  attributes: {
    payload: plainText('Payload'),
    meta_required: attribute('MetaRequired', 'strings'),
    meta_optional: attribute('MetaOptional', 'strings'),
  },
});

const region = block({
  labels: ['name'],
  labelWire: 'Name',
  attributes: { count: attribute('Count', 'integer'), datacenters: attribute('Datacenters', 'strings') },
  blocks: { meta },
});

const strategy = block({
  attributes: { max_parallel: attribute('MaxParallel', 'integer'), on_failure: attribute('OnFailure', 'string') },
});

const multiregion = block({ blocks: { strategy: one('Strategy', strategy), region: list('Regions', region) } });

/** What the wire's job has and no job file can say. */
const SERVER_FIELDS: Wire = {
  Stop: null,
  ParentID: null,
  Dispatched: false,
  Payload: null,
  ConsulNamespace: null,
  VaultNamespace: null,
  NomadTokenID: null,
  Status: null,
  StatusDescription: null,
  Stable: null,
  Version: null,
  SubmitTime: null,
  CreateIndex: null,
  ModifyIndex: null,
  JobModifyIndex: null,
};

/** A task that stands in a job stands for a group of its own name, with one instance. */
function finishJob({ tasks, vault: shared, ...wire }: Wire): Wire {
  const alone = ((tasks ?? []) as Wire[]).map(groupOf);
  const groups = [...((wire.TaskGroups ?? []) as Wire[]), ...alone];
  const passedOn = groups.map((each) => passOnVault(shared === undefined ? each : { ...each, vault: shared }));
  return {
    ...wire,
    ID: wire.ID ?? wire.label!,
    Name: wire.Name ?? wire.label!,
    TaskGroups: passedOn.length === 0 ? null : passedOn,
  };
}

const EMPTY_GROUP: Wire = Object.fromEntries(
  [...Object.values(group.attributes), ...Object.values(group.blocks)]
    .filter((each) => each.absent !== undefined)
    .map((each) => [each.wire, each.absent!]),
);

const groupOf = (wire: Wire): Wire => ({ ...EMPTY_GROUP, Name: wire.Name!, Count: 1, Tasks: [wire] });

function dropLabel({ label: _, ...wire }: Wire): Wire {
  return wire;
}

/** The block's label is the id; a name is written where it is another one. */
const labelById = ({ ID, Name, ...wire }: Wire): Wire => ({ ...wire, label: ID!, Name: Name === ID ? null : Name! });

const job = block({
  labels: ['name'],
  labelWire: 'label',
  attributes: {
    id: attribute('ID', 'string'),
    name: attribute('Name', 'string'),
    type: attribute('Type', 'string'),
    priority: attribute('Priority', 'integer'),
    region: attribute('Region', 'string'),
    namespace: attribute('Namespace', 'string'),
    all_at_once: attribute('AllAtOnce', 'bool'),
    datacenters: attribute('Datacenters', 'strings'),
    consul_token: attribute('ConsulToken', 'string'),
    vault_token: attribute('VaultToken', 'string'),
  },
  blocks: {
    group: list('TaskGroups', group),
    task: list('tasks', task, { absent: undefined }),
    update: one('Update', update),
    migrate: one('Migrate', migrate),
    reschedule: one('Reschedule', reschedule),
    constraint: list('Constraints', constraint),
    affinity: list('Affinities', affinity),
    spread: list('Spreads', spread),
    multiregion: one('Multiregion', multiregion),
    periodic: one('Periodic', periodic),
    parameterized: one('ParameterizedJob', parameterized),
    vault: one('vault', vault, { absent: undefined }),
    meta,
  },
  constants: SERVER_FIELDS,
  finish: (wire) => dropLabel(finishJob(wire)),
  unfinish: labelById,
});

/** The file as a whole; variables and locals are taken out before this table is asked. */
export const jobFile = block({ blocks: { job: list('jobs', job) } });
