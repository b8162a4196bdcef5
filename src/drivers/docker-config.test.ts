import { describe, expect, it } from 'vitest';
import { checkDockerConfig } from './docker-config.ts';
import { compileDockerPlugin, dockerPluginProblems } from './docker-plugin-config.ts';

const plugin = compileDockerPlugin({}, undefined);
const check = (config: Record<string, unknown>, node = plugin) => checkDockerConfig({ image: 'a:1', ...config }, node);

describe('the config of a task', () => {
  it.each<[Record<string, unknown>]>([
    [{}],
    [{ args: [1, 'a', true], entrypoint: 'sh', labels: [{ a: 'b' }], ports: ['http'], image_pull_timeout: '10m' }],
    [{ mount: [{ type: 'bind', source: 'a', target: '/b' }], mounts: [{ type: 'tmpfs', destination: '/t' }] }],
    [{ auth: [{ username: 'u', password: 'p' }], logging: { type: 'json-file', config: [{ 'max-size': '1m' }] } }],
    [{ cap_add: ['NET_BIND_SERVICE', 'cap_chown'], cap_drop: ['all'], ulimit: { nofile: '1:2' }, command: null }],
  ])('takes %j', (config) => {
    expect(check(config)).toEqual([]);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ image: '' }, /"image" is missing/],
    [{ image: 3 }, /"image" is missing/],
    [{ imgae: 'x' }, /docker has no "imgae" here; it knows "image"/],
    [{ args: 'x' }, /"args" must be a list of texts/],
    [{ args: [{}] }, /"args" must be a list of texts/],
    [{ init: 'yes' }, /"init" must be true or false/],
    [{ shm_size: 1.5 }, /"shm_size" must be a whole number/],
    [{ image_pull_timeout: 'soon' }, /"image_pull_timeout" must be a duration/],
    [{ labels: ['a'] }, /"labels" must be a block/],
    [{ labels: [{ a: { b: 1 } }] }, /"labels" must be a block/],
    [{ auth: [{ user: 'u' }] }, /"auth" has no "user"; it knows "username"/],
    [{ mount: [{ type: 'nfs', target: '/a' }] }, /a mount of type "nfs" is none of bind, tmpfs, volume/],
    [{ mount: [{ type: 'bind', target: '/a' }] }, /needs "source"/],
    [{ mount: [{ type: 'tmpfs' }] }, /needs "target"/],
    [{ mounts: [{ type: 'tmpfs', target: '/a', sice: 1 }] }, /"mounts" has no "sice"/],
    [{ privileged: true }, /privileged containers are off on this node/],
    [{ cap_add: ['SYS_ADMIN'] }, /cap_add asks for SYS_ADMIN/],
    [{ cap_add: ['all'] }, /cap_add asks for ALL/],
  ])('says what is wrong with %j', (config, problem) => {
    expect(check(config).join('; ')).toMatch(problem);
  });

  it('names every problem at once', () => {
    expect(checkDockerConfig({ args: 'x', nonsense: 1 }, plugin)).toHaveLength(3);
  });

  it('takes what the operator of the node allows', () => {
    const node = compileDockerPlugin({ allow_privileged: true, allow_caps: ['CAP_SYS_ADMIN'] }, undefined);
    expect(check({ privileged: true, cap_add: ['sys_admin'] }, node)).toEqual([]);
    const all = compileDockerPlugin({ allow_caps: ['all'] }, undefined);
    expect(check({ cap_add: ['SYS_PTRACE'] }, all)).toEqual([]);
  });
});

describe('the plugin block of a node', () => {
  it.each<[Record<string, unknown>, string | undefined, string]>([
    [{}, undefined, '/var/run/docker.sock'],
    [{}, 'unix:///run/podman/podman.sock', '/run/podman/podman.sock'],
    [{}, 'tcp://10.0.0.1:2375', '/var/run/docker.sock'],
    [{ endpoint: 'unix:///run/a.sock' }, 'unix:///run/b.sock', '/run/a.sock'],
    [{ endpoint: '/run/a.sock' }, undefined, '/run/a.sock'],
  ])('%j with DOCKER_HOST %j asks the engine at %s', (raw, dockerHost, socketPath) => {
    expect(compileDockerPlugin(raw, dockerHost).socketPath).toBe(socketPath);
  });

  it('reads nested blocks, also as files in HCL bring them', () => {
    const raw = { volumes: [{ enabled: true }], gc: { container: false, dangling_containers: [{ enabled: false }] } };
    expect(dockerPluginProblems(raw)).toEqual([]);
    expect(compileDockerPlugin(raw, undefined)).toMatchObject({
      allowHostVolumes: true,
      removesContainers: false,
      removesDangling: false,
      allowPrivileged: false,
    });
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ endpoint: 'tcp://10.0.0.1:2375' }, /"endpoint" of plugin "docker" must be a unix socket/],
    [{ endpoint: 3 }, /"endpoint" of plugin "docker" must be a text/],
    [{ volumes: { enabled: 'yes' } }, /"volumes.enabled" of plugin "docker" must be true or false/],
    [{ gc: { image: true } }, /plugin "docker" has no "gc.image"; it knows endpoint/],
    [{ allow_caps: 'ALL' }, /"allow_caps" of plugin "docker" must be a list/],
  ])('says what is wrong with %j', (raw, problem) => {
    expect(dockerPluginProblems(raw).join()).toMatch(problem);
  });
});
