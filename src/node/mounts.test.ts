import { expect, it } from 'vitest';
import { cgroupAttributes } from './fingerprint-cgroup.ts';
import { mountOf, parseMounts, spaceOf } from './mounts.ts';

const TEXT = `/dev/vda / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/vdb /var/lib ext4 rw 0 0
/dev/vdc /var/my\\040data xfs rw 0 0
tmpfs /run/serin tmpfs rw 0 0
`;

it.each([
  ['/etc', '/dev/vda'],
  ['/var/lib', '/dev/vdb'],
  ['/var/lib/serin/node', '/dev/vdb'],
  ['/var/library', '/dev/vda'],
  ['/var/my data/x', '/dev/vdc'],
])('%s is on %s', (path, device) => {
  expect(mountOf(path, parseMounts(TEXT))?.device).toBe(device);
});

it('takes the mount that hides another on the same folder', () => {
  const mounts = parseMounts('/dev/a /data ext4 rw\n/dev/b /data xfs rw\n');
  expect(mountOf('/data/x', mounts)).toEqual({ device: '/dev/b', folder: '/data', kind: 'xfs' });
});

it('says nothing of what nobody can read', () => {
  expect(parseMounts('')).toEqual([]);
  expect(mountOf('/x', [])).toBeUndefined();
  expect(spaceOf('/does/not/exist')).toBeUndefined();
});

it.each([
  ['v2 alone', 'cgroup2 /sys/fs/cgroup cgroup2 rw', { mount: '/sys/fs/cgroup', version: 'v2' }],
  ['v1', 'cgroup /sys/fs/cgroup/cpu cgroup rw,cpu', { mount: '/sys/fs/cgroup', version: 'v1' }],
  [
    'both',
    'cgroup2 /sys/fs/cgroup/unified cgroup2 rw\ncgroup /sys/fs/cgroup/cpu cgroup rw',
    { mount: '/sys/fs/cgroup', version: 'v1' },
  ],
])('cgroups: %s', (_what, text, { mount, version }) => {
  expect(cgroupAttributes(parseMounts(text))).toEqual({
    'unique.cgroup.mountpoint': mount,
    'unique.cgroup.version': version,
  });
});

it('cgroups: none', () => {
  expect(cgroupAttributes([])).toEqual({});
});
