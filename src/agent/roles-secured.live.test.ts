/** Who may call an agent: tokens made at the first start, mutual TLS, and a node that joins with less. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Allocation } from '../model/allocation.ts';
import { Cluster, type Ended, type RoleAgent } from './roles-rig.ts';
import { freePort } from './testing/live-agent.ts';
import { endProcess } from './testing/own-processes.ts';
import { buildProgram, type Program } from './testing/program.ts';
import { until } from './testing/until.ts';

let program: Program;
let cluster: Cluster;

beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program?.remove());
beforeEach(() => {
  cluster = new Cluster(program);
});
afterEach(() => cluster.cleanUp());

const RAW_EXEC = 'plugin "raw_exec" {\n config {\n enabled = true\n }\n}';
const JOB = `
job "talk" {
  datacenters = ["dc1"]
  group "app" {
    task "talk" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "echo hello; exec sleep 600"]
      }
      resources {
        cpu    = 20
        memory = 16
      }
    }
  }
}
`;

const tokenIn = (file: string): string => readFileSync(file, 'utf8').trim();

async function runningAlloc(ask: (...words: string[]) => Promise<Ended>): Promise<Allocation> {
  return until('the task runs', async () => {
    const { stdout } = await ask('job', 'allocs', '-json', 'talk');
    return (JSON.parse(stdout) as Allocation[]).find((alloc) => alloc.ClientStatus === 'running');
  });
}

it('tokens: made for their owner alone, asked for everywhere, and those of nodes may do less', async () => {
  const token = join(cluster.folder, 'secret/token');
  const auth = `auth {\n token_file = "${token}"\n}`;
  const at = `127.0.0.1:${await freePort()}`;
  const server = cluster.agent(
    'server',
    `http://${at}`,
    `server {\n enabled = true\n}\ningress {\n enabled = true\n}\n${auth}`,
  );
  const joins = `auth {\n agent_token_file = "${token}.agent"\n}`;
  const client = `client {\n enabled = true\n servers = ["${at}"]\n}\n${RAW_EXEC}\n${joins}`;
  const node = cluster.agent('node', `http://127.0.0.2:${await freePort()}`, client);
  const before = await cluster.run(['agent', '-config', node.configFile]);
  expect(before).toMatchObject({ code: 1, stderr: expect.stringContaining('copy it here from a server') });

  await server.start();
  for (const file of [token, `${token}.agent`]) expect(statSync(file).mode & 0o777).toBe(0o600);
  await node.start();
  const as =
    (agent: RoleAgent, secret: string) =>
    (...words: string[]) =>
      cluster.run(words, { NOMAD_ADDR: agent.address, NOMAD_TOKEN: secret });
  const manager = as(server, tokenIn(token));
  await until('the node has joined', async () => (await manager('node', 'status')).stdout.includes('ready'));
  await until('the ingress has joined', async () => {
    const headers = { 'x-nomad-token': tokenIn(token) };
    return ((await (await fetch(`http://${at}/v1/ingresses`, { headers })).json()) as unknown[]).length === 1;
  });

  expect((await manager('run', '-detach', cluster.file(JOB))).code).toBe(0);
  const alloc = await runningAlloc(manager);
  // The node has no copy of the management token: it asks the server.
  for (const agent of [server, node]) {
    const { stdout, stderr } = await as(agent, tokenIn(token))('alloc', 'logs', alloc.ID);
    expect([stdout, stderr]).toEqual(['hello\n', '']);
    for (const secret of ['', 'wrong', tokenIn(`${token}.agent`)]) {
      const refused = await as(agent, secret)('alloc', 'logs', alloc.ID);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/403 \(.*token/);
      expect(refused.stderr).not.toMatch(/\n {4}at /);
    }
  }

  // SIGHUP: another token from now on, and whoever joined with the old one goes on with the new.
  const renewed = 'another-token-of-some-length';
  for (const file of [token, `${token}.agent`]) writeFileSync(file, `${file === token ? 'm' : 'a'}-${renewed}\n`);
  endProcess(server.pid, 'SIGHUP');
  endProcess(node.pid, 'SIGHUP');
  await until('it is in force', async () => (await as(server, `m-${renewed}`)('status')).code === 0);
  expect(await manager('status')).toMatchObject({ code: 1, stderr: expect.stringContaining('token') });
  expect((await as(node, `m-${renewed}`)('stop', '-detach', 'talk')).code).toBe(0);
  await until('the node has heard of it and said so', async () => {
    const { stdout } = await as(server, `m-${renewed}`)('job', 'allocs', '-json', 'talk');
    return (JSON.parse(stdout) as Allocation[]).every((each) => each.ClientStatus === 'complete');
  });
  chmodSync(token, 0o644);
  endProcess(server.pid, 'SIGHUP');
  await until('a file for everybody is refused', () => server.log.includes('the old ones stay'));
});

function makeCertificates(folder: string, ...openssl: readonly string[][]): void {
  for (const words of openssl) execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
}

/** An authority, and a certificate of its for loopback; and another authority with one of its own. */
function certificates(folder: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = 'subjectAltName=IP:127.0.0.1,IP:127.0.0.2,DNS:localhost';
  for (const ca of ['ca', 'other']) {
    makeCertificates(
      folder,
      ['req', '-x509', ...key, '-subj', `/CN=${ca}`, '-keyout', `${ca}.key`, '-out', `${ca}.pem`],
      [
        'req',
        ...key.slice(0, -2),
        '-subj',
        `/CN=agent-${ca}`,
        '-keyout',
        `agent-${ca}.key`,
        '-out',
        `agent-${ca}.csr`,
        '-addext',
        names,
      ],
      [
        'x509',
        '-req',
        '-in',
        `agent-${ca}.csr`,
        '-CA',
        `${ca}.pem`,
        '-CAkey',
        `${ca}.key`,
        '-CAcreateserial',
        '-days',
        '2',
        '-copy_extensions',
        'copy',
        '-out',
        `agent-${ca}.pem`,
      ],
    );
  }
}

it('mutual TLS: between agents, to the ingress and for the command line', async () => {
  certificates(cluster.folder);
  const file = (name: string) => join(cluster.folder, name);
  const tls = `tls {
    http = true
    verify_https_client = true
    ca_file   = "${file('ca.pem')}"
    cert_file = "${file('agent-ca.pem')}"
    key_file  = "${file('agent-ca.key')}"
  }`;
  const at = `127.0.0.1:${await freePort()}`;
  const server = cluster.agent(
    'server',
    `https://${at}`,
    `server {\n enabled = true\n}\ningress {\n enabled = true\n}\n${tls}`,
  );
  const client = `client {\n enabled = true\n servers = ["${at}"]\n}\n${RAW_EXEC}\n${tls}`;
  const node = cluster.agent('node', `https://127.0.0.2:${await freePort()}`, client);
  await server.start();
  await node.start();

  const variables = {
    NOMAD_CACERT: file('ca.pem'),
    NOMAD_CLIENT_CERT: file('agent-ca.pem'),
    NOMAD_CLIENT_KEY: file('agent-ca.key'),
  };
  const ask = (...words: string[]) => cluster.run(words, { NOMAD_ADDR: server.address, ...variables });
  await until('the node has joined', async () => (await ask('node', 'status')).stdout.includes('ready'));
  await until('the ingress has joined', async () => {
    const { code, stdout } = await cluster.run(['status'], { NOMAD_ADDR: node.address, ...variables });
    return code === 0 && stdout.includes('No running jobs');
  });
  expect((await ask('run', '-detach', cluster.file(JOB))).code).toBe(0);
  const alloc = await runningAlloc(ask);
  expect(await ask('alloc', 'logs', alloc.ID)).toMatchObject({ code: 0, stdout: 'hello\n' });

  const flags = ['-ca-cert', file('ca.pem'), '-client-cert', file('agent-ca.pem'), '-client-key', file('agent-ca.key')];
  expect(await cluster.run(['status', '-address', server.address, ...flags])).toMatchObject({ code: 0 });
  const REFUSED: readonly (readonly [words: readonly string[], sentence: RegExp])[] = [
    [[], /signed by an authority that is not known here: set -ca-cert/],
    [flags.slice(0, 2), /asks for a certificate: set -client-cert and -client-key|closed before an answer came/],
    [flags.slice(0, 4), /belong together/],
    [['-ca-cert', file('nothing.pem')], /file of -ca-cert cannot be read/],
    [
      [...flags.slice(0, 2), '-client-cert', file('agent-other.pem'), '-client-key', file('agent-other.key')],
      /refuses the certificate|asks for a certificate|closed before an answer came/,
    ],
  ];
  for (const [words, sentence] of REFUSED) {
    const { code, stderr } = await cluster.run(['status', '-address', server.address, ...words]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
    expect(stderr).not.toMatch(/\n {4}at /);
  }
  const plain = await cluster.run(['status', '-address', server.address.replace('https', 'http')]);
  expect(plain).toMatchObject({ code: 1 });

  const strange = tls.replace('agent-ca.key', 'agent-other.key');
  const mixed = cluster.agent(
    'mixed',
    `https://127.0.0.1:${await freePort()}`,
    `server {\n enabled = true\n}\n${strange}`,
  );
  const ended = await cluster.run(['agent', '-config', mixed.configFile]);
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^the certificates of the tls block cannot be used/),
  });
});
