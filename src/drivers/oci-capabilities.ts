/**
 * Which capabilities a container's processes may have at most. No process of a task has one by itself unless it runs
 * as root; those that a job names in `cap_add` are handed to an unprivileged user as well.
 */

/** What programs that were written for a machine of their own need now and then; none of them reaches beyond it. */
const DEFAULT = [
  'audit_write',
  'chown',
  'dac_override',
  'fowner',
  'fsetid',
  'kill',
  'net_bind_service',
  'setfcap',
  'setgid',
  'setpcap',
  'setuid',
  'sys_chroot',
];

/** With these a container's first process makes of itself the task's user. */
const FIRST_PROCESS = ['setgid', 'setpcap', 'setuid'];

/** All that Linux knows. */
const KNOWN = [
  ...DEFAULT,
  'audit_control',
  'audit_read',
  'block_suspend',
  'bpf',
  'checkpoint_restore',
  'dac_read_search',
  'ipc_lock',
  'ipc_owner',
  'lease',
  'linux_immutable',
  'mac_admin',
  'mac_override',
  'mknod',
  'net_admin',
  'net_broadcast',
  'net_raw',
  'perfmon',
  'sys_admin',
  'sys_boot',
  'sys_module',
  'sys_nice',
  'sys_pacct',
  'sys_ptrace',
  'sys_rawio',
  'sys_resource',
  'sys_time',
  'sys_tty_config',
  'syslog',
  'wake_alarm',
];

export interface Capabilities {
  /** As far as anything of the task can get. */
  readonly bounding: readonly string[];
  /** What the task has although its user is not root. */
  readonly added: readonly string[];
  /** Of the container's first process. */
  readonly first: readonly string[];
}

/** "CAP_NET_RAW", "NET_RAW" and "net_raw" are one. */
export const capabilityName = (text: string): string => text.toLowerCase().replace(/^cap_/, '');

/** As runtimes spell it. */
export const ociName = (name: string): string => `CAP_${name.toUpperCase()}`;

export function capabilitiesOf(add: readonly string[], drop: readonly string[]): Capabilities {
  const added = add.map(capabilityName);
  const dropped = drop.map(capabilityName);
  const kept = dropped.includes('all') ? [] : DEFAULT.filter((name) => !dropped.includes(name));
  const bounding = [...new Set([...kept, ...added])].sort();
  return { bounding, added: [...new Set(added)].sort(), first: [...new Set([...bounding, ...FIRST_PROCESS])].sort() };
}

/** A sentence for each name that does not exist or that this node does not give away. */
export function checkCapabilities(
  add: readonly string[],
  drop: readonly string[],
  allowed: readonly string[],
): string[] {
  const allowedNames = [...DEFAULT, ...allowed.map(capabilityName)];
  const mayAdd = (name: string) => allowedNames.includes('all') || allowedNames.includes(name);
  return [
    ...add.filter((text) => !KNOWN.includes(capabilityName(text))).map((text) => unknown('cap_add', text)),
    ...drop
      .filter((text) => ![...KNOWN, 'all'].includes(capabilityName(text)))
      .map((text) => unknown('cap_drop', text)),
    ...add
      .filter((text) => KNOWN.includes(capabilityName(text)) && !mayAdd(capabilityName(text)))
      .map(
        (text) =>
          `config: "cap_add" asks for "${text}", which this node does not allow; its operator can, with "allow_caps" of plugin "exec"`,
      ),
  ];
}

const unknown = (field: string, text: string): string =>
  `config: "${field}" names "${text}", which is no capability of Linux`;
