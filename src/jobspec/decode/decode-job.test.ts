/** What stands in the table beyond the peer's goldens: each block of a job file, and what it is on the wire. */
import { describe, expect, it } from 'vitest';
import { canonicalizeJob } from '../../model/canonicalize.ts';
import { parseJobFile } from '../parse-job-file.ts';
import { renderDiagnostics } from '../render-diagnostics.ts';

type Tree = { [key: string]: Tree } & Tree[];

function jobOf(text: string): Tree {
  const { job, diagnostics } = parseJobFile(text, { fileName: 'x.nomad' });
  expect(renderDiagnostics(diagnostics)).toBe('');
  expect(canonicalizeJob(job!).problems).toEqual([]);
  return job as Tree;
}
const groupOf = (inside: string): Tree => jobOf(`job "j" {\n group "g" {\n${inside}\n}\n}`).TaskGroups![0]!;
const taskOf = (inside: string): Tree => groupOf(`task "t" {\n driver = "raw_exec"\n${inside}\n}`).Tasks![0]!;

describe('update', () => {
  it('keeps every field', () => {
    const update = groupOf(`update {
      max_parallel = 3
      health_check = "checks"
      min_healthy_time = "10s"
      healthy_deadline = "5m"
      progress_deadline = "10m"
      auto_revert = true
      auto_promote = false
      canary = 1
    }`).Update;
    expect(update).toStrictEqual({
      Stagger: null,
      MaxParallel: 3,
      HealthCheck: 'checks',
      MinHealthyTime: 10e9,
      HealthyDeadline: 300e9,
      ProgressDeadline: 600e9,
      Canary: 1,
      AutoRevert: true,
      AutoPromote: false,
    });
  });

  it('makes a written stagger the least time between two batches', () => {
    const job = jobOf('job "rolling" {\n update {\n stagger = "30s"\n max_parallel = 1\n }\n}');
    expect(job.Update).toMatchObject({ Stagger: 30e9, BatchInterval: 30e9, MaxParallel: 1 });
  });

  it('has what only we know, and no key for it where it is not written', () => {
    const update = (text: string) => jobOf(`job "j" {\n update {\n${text}\n }\n}`).Update;
    expect(update('canary_weight = 2.5\n max_surge = "25%"\n keep_warm = "10m"')).toMatchObject({
      CanaryWeight: 2.5,
      MaxSurge: '25%',
      KeepWarm: 600e9,
    });
    expect(update('max_surge = 2')).toMatchObject({ MaxSurge: 2 });
    expect(Object.keys(update('canary = 1') as object).join()).not.toMatch(/CanaryWeight|MaxSurge|KeepWarm/);
  });

  it('stays where it was written: the group has none of its own', () => {
    const job = jobOf('job "j" {\n update {\n canary = 1\n }\n group "g" {}\n}');
    expect(job.TaskGroups![0]!.Update).toBeNull();
  });
});

describe('constraint', () => {
  it.each([
    ['attribute = "${attr.arch}"\n value = "amd64"', { LTarget: '${attr.arch}', RTarget: 'amd64', Operand: '=' }],
    ['attribute = "${meta.r}"\n operator = "!="\n value = "x"', { LTarget: '${meta.r}', RTarget: 'x', Operand: '!=' }],
    ['attribute = "${meta.r}"\n regexp = "r.*"', { LTarget: '${meta.r}', RTarget: 'r.*', Operand: 'regexp' }],
    ['attribute = "${attr.v}"\n version = ">= 2"', { LTarget: '${attr.v}', RTarget: '>= 2', Operand: 'version' }],
    ['attribute = "${attr.v}"\n semver = "> 1.0.0"', { LTarget: '${attr.v}', RTarget: '> 1.0.0', Operand: 'semver' }],
    ['attribute = "${m.c}"\n set_contains = "a,b"', { LTarget: '${m.c}', RTarget: 'a,b', Operand: 'set_contains' }],
    ['attribute = "${m.c}"\n set_contains_any = "a"', { LTarget: '${m.c}', RTarget: 'a', Operand: 'set_contains_any' }],
    ['distinct_hosts = true', { LTarget: '', RTarget: 'true', Operand: 'distinct_hosts' }],
    [
      'distinct_property = "${meta.r}"\n value = "2"',
      { LTarget: '${meta.r}', RTarget: '2', Operand: 'distinct_property' },
    ],
    ['attribute = "${meta.r}"\n operator = "is_set"', { LTarget: '${meta.r}', RTarget: '', Operand: 'is_set' }],
  ])('%s', (inside, constraint) => {
    expect(groupOf(`constraint {\n ${inside}\n}`).Constraints).toStrictEqual([constraint]);
  });

  it('is not there when distinct hosts are switched off', () => {
    expect(groupOf('constraint {\n distinct_hosts = false\n}').Constraints).toBeNull();
  });
});

describe('affinity and spread', () => {
  it('keep their weights and targets', () => {
    const group = groupOf(`affinity {
      attribute = "\${node.datacenter}"
      value = "dc1"
      weight = -50
    }
    spread {
      attribute = "\${node.datacenter}"
      weight = 30
      target "dc1" {
        percent = 70
      }
    }`);
    expect(group.Affinities).toStrictEqual([
      { LTarget: '${node.datacenter}', RTarget: 'dc1', Operand: '=', Weight: -50 },
    ]);
    expect(group.Spreads).toStrictEqual([
      { Attribute: '${node.datacenter}', Weight: 30, SpreadTarget: [{ Value: 'dc1', Percent: 70 }] },
    ]);
  });
});

describe('network', () => {
  it('separates static ports from dynamic ones', () => {
    const [network] = groupOf(`network {
      mode = "host"
      port "admin" { static = 9000 }
      port "http" { to = 8080 }
      port "x" { host_network = "private" }
      dns { servers = ["1.1.1.1"] }
    }`).Networks!;
    expect(network).toStrictEqual({
      Mode: 'host',
      Device: '',
      CIDR: '',
      IP: '',
      MBits: null,
      DNS: { Servers: ['1.1.1.1'], Searches: null, Options: null },
      ReservedPorts: [{ Label: 'admin', Value: 9000, To: 0, HostNetwork: '' }],
      DynamicPorts: [
        { Label: 'http', Value: 0, To: 8080, HostNetwork: '' },
        { Label: 'x', Value: 0, To: 0, HostNetwork: 'private' },
      ],
    });
  });

  it('may stand in the resources of a task, the old way', () => {
    const task = taskOf('resources {\n network {\n mbits = 10\n port "http" {}\n }\n}');
    expect(task.Resources!.Networks![0]).toMatchObject({ MBits: 10, DynamicPorts: [{ Label: 'http' }] });
  });
});

describe('service', () => {
  it('has checks, tags and ways in', () => {
    const [service] = groupOf(`service {
      name = "web"
      port = "http"
      tags = ["a"]
      canary_tags = ["canary"]
      meta { v = 1 }
      provider = "serin"
      check {
        name     = "alive"
        type     = "http"
        path     = "/health"
        interval = "10s"
        timeout  = "2s"
        header {
          X-A = ["1", "2"]
          X-B = "3"
        }
        check_restart {
          limit = 3
          grace = "90s"
        }
      }
      ingress {
        listen         = 8080
        host           = "example.com"
        drain_deadline = "30s"
      }
      ingress { listen = 9090 }
    }`).Services!;
    expect(service).toMatchObject({
      Name: 'web',
      PortLabel: 'http',
      Tags: ['a'],
      CanaryTags: ['canary'],
      Meta: { v: '1' },
      Provider: 'serin',
      Checks: [
        {
          Name: 'alive',
          Type: 'http',
          Interval: 10e9,
          Timeout: 2e9,
          Header: { 'X-A': ['1', '2'], 'X-B': ['3'] },
          CheckRestart: { Limit: 3, Grace: 90e9, IgnoreWarnings: false },
        },
      ],
      Ingress: [
        {
          Listen: 8080,
          Host: 'example.com',
          Path: null,
          Mode: null,
          DrainDeadline: 30e9,
          DrainPolicy: null,
          Hold: null,
        },
        { Listen: 9090 },
      ],
    });
  });

  it('has no key of ours when none is written', () => {
    const [service] = groupOf('service {}').Services!;
    expect(service).not.toHaveProperty('Ingress');
    expect(service).not.toHaveProperty('Provider');
  });

  it('passes connect on under its wire names', () => {
    const [service] = groupOf(`service {
      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "api"
              local_bind_port  = 9000
            }
          }
        }
      }
    }`).Services!;
    expect(service!.Connect).toEqual({
      SidecarService: { Proxy: { Upstreams: [{ DestinationName: 'api', LocalBindPort: 9000 }] } },
    });
  });
});

describe('task', () => {
  it('keeps its own settings', () => {
    const task = taskOf(`user = "nobody"
      kill_timeout = "45s"
      kill_signal = "SIGINT"
      shutdown_delay = "2s"
      leader = true
      logs {
        max_files = 3
        max_file_size = 10
      }
      lifecycle {
        hook = "prestart"
        sidecar = true
      }
      resources {
        cores = 2
        memory = 64
        memory_max = 128
        device "nvidia/gpu" { count = 1 }
      }
      artifact {
        source = "https://example.com/a.tgz"
        options { checksum = "md5:1" }
      }
      template {
        data = "x"
        destination = "local/a"
        env = true
        splay = "5s"
      }
      volume_mount {
        volume = "data"
        destination = "/data"
      }
      vault { policies = ["p"] }`);
    expect(task).toMatchObject({
      User: 'nobody',
      KillTimeout: 45e9,
      KillSignal: 'SIGINT',
      ShutdownDelay: 2e9,
      Leader: true,
      LogConfig: { MaxFiles: 3, MaxFileSizeMB: 10 },
      Lifecycle: { Hook: 'prestart', Sidecar: true },
      Resources: { CPU: null, Cores: 2, MemoryMB: 64, MemoryMaxMB: 128, Devices: [{ Name: 'nvidia/gpu', Count: 1 }] },
      Artifacts: [{ GetterSource: 'https://example.com/a.tgz', GetterOptions: { checksum: 'md5:1' } }],
      Templates: [{ EmbeddedTmpl: 'x', DestPath: 'local/a', Envvars: true, Splay: 5e9, ChangeMode: null }],
      VolumeMounts: [{ Volume: 'data', Destination: '/data', ReadOnly: null, PropagationMode: null }],
      Vault: { Policies: ['p'] },
    });
  });

  it('has a config of plain JSON, nested blocks as lists of maps', () => {
    const task = taskOf(`config {
      image = "redis:7"
      args  = ["--port", "\${NOMAD_PORT_db}"]
      port_map { db = 6379 }
      labels { a = "b" }
      mount {
        type = "bind"
        volume_options { no_copy = true }
      }
      mount { type = "tmpfs" }
      logging "json" { tag = 1 }
    }`);
    expect(task.Config).toEqual({
      image: 'redis:7',
      args: ['--port', '${NOMAD_PORT_db}'],
      port_map: [{ db: 6379 }],
      labels: [{ a: 'b' }],
      mount: [{ type: 'bind', volume_options: [{ no_copy: true }] }, { type: 'tmpfs' }],
      logging: [{ json: [{ tag: 1 }] }],
    });
  });

  it('writes env and meta as text, from a block or a map', () => {
    expect(taskOf('env {\n A = 1\n B = true\n C = "x"\n}').Env).toEqual({ A: '1', B: 'true', C: 'x' });
    expect(taskOf('env = { "a.b" = 1 }').Env).toEqual({ 'a.b': '1' });
    expect(taskOf('env = { __proto__ = "x" }').Env).toEqual(Object.fromEntries([['__proto__', 'x']]));
  });

  it('stands for a group of its own when it stands in the job', () => {
    const job = jobOf('job "j" {\n task "t" {\n driver = "mock"\n }\n}');
    expect(job.TaskGroups).toMatchObject([{ Name: 't', Count: 1, Tasks: [{ Name: 't', Driver: 'mock' }] }]);
    expect(Object.keys(job.TaskGroups![0]!).sort()).toEqual(Object.keys(groupOf('')).sort());
  });
});

describe('job', () => {
  it('keeps what else may stand in it', () => {
    const job = jobOf(`job "j" {
      id = "other"
      region = "eu"
      namespace = "n"
      priority = 70
      all_at_once = true
      meta { a = 1 }
      periodic {
        cron = "*/5 * * * *"
        prohibit_overlap = true
      }
      parameterized { meta_required = ["m"] }
      multiregion {
        strategy { max_parallel = 1 }
        region "west" { count = 2 }
      }
      vault { policies = ["p"] }
      group "g" {
        volume "data" {
          type = "host"
          source = "d"
        }
        ephemeral_disk { size = 500 }
        scaling {
          max = 10
          policy { cooldown = "1m" }
        }
        task "a" { driver = "mock" }
        task "b" {
          driver = "mock"
          vault { policies = ["q"] }
        }
      }
    }`);
    expect(job).toMatchObject({
      ID: 'other',
      Name: 'j',
      Region: 'eu',
      Namespace: 'n',
      Priority: 70,
      AllAtOnce: true,
      Meta: { a: '1' },
      Periodic: { Spec: '*/5 * * * *', SpecType: 'cron', ProhibitOverlap: true, Enabled: null },
      ParameterizedJob: { MetaRequired: ['m'], Payload: '' },
      Multiregion: { Strategy: { MaxParallel: 1 }, Regions: [{ Name: 'west', Count: 2 }] },
    });
    expect(job).not.toHaveProperty('vault');
    expect(job.TaskGroups![0]).toMatchObject({
      Volumes: { data: { Name: 'data', Type: 'host', Source: 'd', ReadOnly: false } },
      EphemeralDisk: { SizeMB: 500, Sticky: null },
      Scaling: { Max: 10, Policy: { cooldown: '1m' }, Type: 'horizontal' },
      Tasks: [{ Vault: { Policies: ['p'] } }, { Vault: { Policies: ['q'] } }],
    });
  });
});

describe('dynamic', () => {
  it('writes one block for each item, with its iterator', () => {
    const group = groupOf(`dynamic "service" {
      for_each = ["a", "b"]
      iterator = it
      content {
        name = "svc-\${it.key}-\${it.value}"
        port = "\${NOMAD_PORT_x}"
      }
    }`);
    expect(group.Services).toMatchObject([
      { Name: 'svc-0-a', PortLabel: '${NOMAD_PORT_x}' },
      { Name: 'svc-1-b', PortLabel: '${NOMAD_PORT_x}' },
    ]);
  });

  it('gives labels, and its own name as the iterator', () => {
    const group = groupOf(`network {
      dynamic "port" {
        for_each = { http = 80, admin = 90 }
        labels   = [port.key]
        content { static = port.value }
      }
    }`);
    expect(group.Networks![0]!.ReservedPorts).toMatchObject([
      { Label: 'admin', Value: 90 },
      { Label: 'http', Value: 80 },
    ]);
  });
});
