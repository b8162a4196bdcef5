/** task and what stands in it. */
import { network } from './network-schema.ts';
import { affinity, constraint, restart } from './policy-schema.ts';
import { attribute, block, freeForm, list, one, plainText, type Wire } from './schema.ts';
import { service } from './service-schema.ts';

const device = block({
  labels: ['name'],
  labelWire: 'Name',
  attributes: { count: attribute('Count', 'integer') },
  blocks: { constraint: list('Constraints', constraint), affinity: list('Affinities', affinity) },
});

const resources = block({
  attributes: {
    cpu: attribute('CPU', 'integer'),
    cores: attribute('Cores', 'integer'),
    memory: attribute('MemoryMB', 'integer'),
    memory_max: attribute('MemoryMaxMB', 'integer'),
    disk: attribute('DiskMB', 'integer'),
    iops: attribute('IOPS', 'integer'),
  },
  blocks: { network: list('Networks', network), device: list('Devices', device) },
});

const template = block({
  attributes: {
    source: attribute('SourcePath', 'string'),
    destination: attribute('DestPath', 'string'),
    data: attribute('EmbeddedTmpl', 'string'),
    change_mode: attribute('ChangeMode', 'string'),
    change_signal: attribute('ChangeSignal', 'string'),
    splay: attribute('Splay', 'duration'),
    perms: attribute('Perms', 'string'),
    left_delimiter: attribute('LeftDelim', 'string'),
    right_delimiter: attribute('RightDelim', 'string'),
    env: attribute('Envvars', 'bool'),
    vault_grace: attribute('VaultGrace', 'duration'),
  },
});

const artifact = block({
  attributes: {
    source: attribute('GetterSource', 'string', { required: true }),
    mode: attribute('GetterMode', 'string'),
    destination: attribute('RelativeDest', 'string'),
  },
  blocks: {
    options: one('GetterOptions', freeForm('stringMap')),
    headers: one('GetterHeaders', freeForm('stringMap')),
  },
});

const logs = block({
  attributes: {
    max_files: attribute('MaxFiles', 'integer'),
    max_file_size: attribute('MaxFileSizeMB', 'integer'),
  },
});

const volumeMount = block({
  attributes: {
    volume: attribute('Volume', 'string', { required: true }),
    destination: attribute('Destination', 'string', { required: true }),
    read_only: attribute('ReadOnly', 'bool'),
    propagation_mode: attribute('PropagationMode', 'string'),
  },
});

const lifecycle = block({
  attributes: {
    hook: attribute('Hook', 'string', { required: true }),
    sidecar: attribute('Sidecar', 'bool', { absent: false }),
  },
});

export const vault = block({
  attributes: {
    policies: attribute('Policies', 'strings'),
    namespace: attribute('Namespace', 'string'),
    env: attribute('Env', 'bool'),
    change_mode: attribute('ChangeMode', 'string'),
    change_signal: attribute('ChangeSignal', 'string'),
  },
});

const taskScaling = block({
  labels: ['resource'],
  labelWire: 'Type',
  attributes: {
    min: attribute('Min', 'integer'),
    max: attribute('Max', 'integer'),
    enabled: attribute('Enabled', 'bool'),
  },
  blocks: { policy: one('Policy', freeForm('config')) },
  finish: (wire: Wire) => ({ ...wire, Type: `vertical_${String(wire.Type)}` }),
  unfinish: (wire: Wire) => ({ ...wire, Type: String(wire.Type).replace(/^vertical_/, '') }),
});

const csiPlugin = block({
  attributes: {
    id: plainText('ID'),
    type: plainText('Type'),
    mount_dir: plainText('MountDir'),
  },
});

export const task = block({
  labels: ['name'],
  labelWire: 'Name',
  attributes: {
    driver: attribute('Driver', 'string', { required: true, absent: '' }),
    user: plainText('User'),
    kill_timeout: attribute('KillTimeout', 'duration'),
    kill_signal: plainText('KillSignal'),
    leader: attribute('Leader', 'bool', { absent: false }),
    shutdown_delay: attribute('ShutdownDelay', 'duration', { absent: 0 }),
    kind: plainText('Kind'),
  },
  blocks: {
    config: one('Config', freeForm('config')),
    env: one('Env', freeForm('stringMap')),
    meta: one('Meta', freeForm('stringMap')),
    resources: one('Resources', resources),
    service: list('Services', service),
    constraint: list('Constraints', constraint),
    affinity: list('Affinities', affinity),
    restart: one('RestartPolicy', restart),
    template: list('Templates', template),
    artifact: list('Artifacts', artifact),
    logs: one('LogConfig', logs),
    lifecycle: one('Lifecycle', lifecycle),
    volume_mount: list('VolumeMounts', volumeMount),
    vault: one('Vault', vault),
    dispatch_payload: one('DispatchPayload', block({ attributes: { file: plainText('File') } })),
    scaling: list('ScalingPolicies', taskScaling),
    csi_plugin: one('CSIPluginConfig', csiPlugin, { absent: undefined }),
  },
});
