import { describe, expect, it } from 'vitest';
import { containerOptions } from './docker-container-options.ts';
import { compileDockerPlugin } from './docker-plugin-config.ts';
import type { TaskConfig } from './driver.ts';

const plugin = compileDockerPlugin({}, undefined);
const open = compileDockerPlugin(
  { volumes: { enabled: true }, allow_privileged: true, allow_caps: ['ALL'] },
  undefined,
);

const task = (config: Record<string, unknown>, more: Partial<TaskConfig> = {}): TaskConfig => ({
  id: 'start-1',
  allocId: 'a1',
  taskName: 'web',
  config: { image: 'nginx:1.25', ...config },
  env: { A: 'x', B: 'y z' },
  user: '',
  taskDir: '/data/a1/web',
  allocDir: '/data/a1/alloc',
  ports: [
    { label: 'http', value: 20_001, to: 80, hostIP: '10.0.0.1' },
    { label: 'admin', value: 20_002, to: 20_002, hostIP: '' },
  ],
  stdoutPath: '/data/a1/alloc/logs/web.stdout.0',
  stderrPath: '/data/a1/alloc/logs/web.stderr.0',
  cpuMHz: 500,
  memoryMB: 256,
  memoryMaxMB: 0,
  ...more,
});

const options = (config: Record<string, unknown>, more: Partial<TaskConfig> = {}) =>
  containerOptions(task(config, more), open, 'owner-1');

const MIB = 1024 * 1024;

it('a task that says only its image gets its folders, its limits, our labels and no port', () => {
  expect(containerOptions(task({}), plugin, 'owner-1')).toEqual({
    name: 'web-a1',
    Image: 'nginx:1.25',
    Env: ['A=x', 'B=y z'],
    Labels: {
      'com.serin.owner': 'owner-1',
      'com.serin.task_id': 'start-1',
      'com.serin.alloc_id': 'a1',
      'com.serin.task_name': 'web',
    },
    Tty: false,
    OpenStdin: false,
    HostConfig: {
      Binds: ['/data/a1/alloc:/alloc', '/data/a1/web/local:/local', '/data/a1/web/secrets:/secrets'],
      Mounts: [],
      PortBindings: {},
      Memory: 256 * MIB,
      MemorySwap: 256 * MIB,
      CpuShares: 500,
      Privileged: false,
      CapAdd: [],
      CapDrop: [],
      ReadonlyRootfs: false,
      ExtraHosts: [],
      Dns: [],
      DnsSearch: [],
      DnsOptions: [],
      Ulimits: [],
      Sysctls: {},
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } },
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
    },
  });
});

it.each<[Record<string, unknown>, object]>([
  [{ image: 'redis' }, { Image: 'redis:latest' }],
  [{ command: '/bin/app' }, { Cmd: ['/bin/app'] }],
  [{ command: 'app', args: ['-v', 3, true] }, { Cmd: ['app', '-v', '3', 'true'] }],
  [{ args: ['-v'] }, { Cmd: ['-v'] }],
  [{ entrypoint: ['/bin/sh', '-c'] }, { Entrypoint: ['/bin/sh', '-c'] }],
  [{ entrypoint: '/bin/sh' }, { Entrypoint: ['/bin/sh'] }],
  [
    { work_dir: '/srv', hostname: 'web-1' },
    { WorkingDir: '/srv', Hostname: 'web-1' },
  ],
  [
    { tty: true, interactive: true },
    { Tty: true, OpenStdin: true },
  ],
])('%j becomes %j', (config, expected) => {
  expect(options(config)).toMatchObject(expected);
});

it.each<[Record<string, unknown>, object]>([
  [
    { ports: ['http', 'admin'] },
    {
      PortBindings: {
        '80/tcp': [{ HostIp: '10.0.0.1', HostPort: '20001' }],
        '80/udp': [{ HostIp: '10.0.0.1', HostPort: '20001' }],
        '20002/tcp': [{ HostIp: '', HostPort: '20002' }],
        '20002/udp': [{ HostIp: '', HostPort: '20002' }],
      },
    },
  ],
  [
    { ports: ['http'], network_mode: 'host' },
    { NetworkMode: 'host', PortBindings: {} },
  ],
  [
    { volumes: ['local/conf:/etc/conf:ro'] },
    { Binds: expect.arrayContaining(['/data/a1/web/local/conf:/etc/conf:ro']) },
  ],
  [{ volumes: ['../alloc/data:/data'] }, { Binds: expect.arrayContaining(['/data/a1/alloc/data:/data']) }],
  [{ volumes: ['/srv/www:/www'] }, { Binds: expect.arrayContaining(['/srv/www:/www']) }],
  [
    {
      mount: [
        { type: 'bind', source: 'local', target: '/l', readonly: true, bind_options: [{ propagation: 'rshared' }] },
      ],
    },
    {
      Mounts: [
        {
          Type: 'bind',
          Source: '/data/a1/web/local',
          Target: '/l',
          ReadOnly: true,
          BindOptions: { Propagation: 'rshared' },
        },
      ],
    },
  ],
  [
    { mounts: [{ type: 'tmpfs', target: '/t', tmpfs_options: { size: 1000 } }] },
    { Mounts: [{ Type: 'tmpfs', Source: '', Target: '/t', ReadOnly: false, TmpfsOptions: { SizeBytes: 1000 } }] },
  ],
  [
    { mount: { source: 'data', target: '/d', volume_options: [{ no_copy: true, driver_config: [{ name: 'nfs' }] }] } },
    {
      Mounts: [
        {
          Type: 'volume',
          Source: 'data',
          Target: '/d',
          ReadOnly: false,
          VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'nfs', Options: {} } },
        },
      ],
    },
  ],
  [
    { cap_add: ['net_admin'], cap_drop: ['CAP_CHOWN'] },
    { CapAdd: ['NET_ADMIN'], CapDrop: ['CHOWN'] },
  ],
  [
    { privileged: true, readonly_rootfs: true, init: true },
    { Privileged: true, ReadonlyRootfs: true, Init: true },
  ],
  [
    { extra_hosts: ['db:10.0.0.9'], dns_servers: ['10.0.0.53'] },
    { ExtraHosts: ['db:10.0.0.9'], Dns: ['10.0.0.53'] },
  ],
  [
    { dns_search_domains: ['a.b'], dns_options: ['ndots:1'] },
    { DnsSearch: ['a.b'], DnsOptions: ['ndots:1'] },
  ],
  [
    { ulimit: [{ nofile: '1024:2048', nproc: 42 }] },
    {
      Ulimits: [
        { Name: 'nofile', Soft: 1024, Hard: 2048 },
        { Name: 'nproc', Soft: 42, Hard: 42 },
      ],
    },
  ],
  [
    { shm_size: 1000, pids_limit: 50, sysctl: [{ 'net.core.somaxconn': 1 }] },
    { ShmSize: 1000, PidsLimit: 50, Sysctls: { 'net.core.somaxconn': '1' } },
  ],
  [
    { logging: [{ type: 'syslog', config: [{ tag: 'web' }] }] },
    { LogConfig: { Type: 'syslog', Config: { tag: 'web' } } },
  ],
])('%j becomes %j of the host', (config, expected) => {
  expect(options(config).HostConfig).toMatchObject(expected);
});

describe('resources', () => {
  it('memory_max is the limit, and memory what the task keeps when memory is short', () => {
    expect(options({}, { memoryMaxMB: 512 }).HostConfig).toMatchObject({
      Memory: 512 * MIB,
      MemorySwap: 512 * MIB,
      MemoryReservation: 256 * MIB,
    });
  });

  it('never asks for fewer cpu shares than Linux takes', () => {
    expect(options({}, { cpuMHz: 1 }).HostConfig).toMatchObject({ CpuShares: 2 });
  });
});

it('labels of a job file cannot pass for ours', () => {
  expect(options({ labels: [{ team: 'a', 'com.serin.owner': 'me' }] }).Labels).toMatchObject({
    team: 'a',
    'com.serin.owner': 'owner-1',
  });
});

it.each<[Record<string, unknown>, RegExp]>([
  [{ ports: ['https'] }, /port "https" is not one of the group's network \("http", "admin"\)/],
  [{ volumes: ['/srv'] }, /volume "\/srv" must be written "source:target"/],
  [{ volumes: ['/etc:/etc'] }, /"\/etc" lies outside the allocation's folders/],
  [{ volumes: ['../../a2/web/secrets:/s'] }, /lies outside the allocation's folders/],
  [{ mount: [{ type: 'bind', source: '/etc', target: '/e' }] }, /lies outside the allocation's folders/],
  [{ ulimit: { nofile: 'many' } }, /ulimit nofile = "many" must be a number/],
])('%j is refused', (config, message) => {
  expect(() => containerOptions(task(config), plugin, 'owner-1')).toThrow(message);
});
