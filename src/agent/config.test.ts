import { describe, expect, it } from 'vitest';
import { type AgentConfig, compileConfig, withPort } from './config.ts';
import type { RawConfig } from './config-merge.ts';
import { configMistakes } from './config-mistakes.ts';

const compile = (raw: RawConfig, isDev = false): AgentConfig => compileConfig(raw, { isDev });
const SERVER: RawConfig = { data_dir: '/data', server: { enabled: true } };
const mistakes = (raw: RawConfig, isDev = false): string[] => configMistakes(compile(raw, isDev));

describe('defaults', () => {
  it('-dev is server, node and ingress on loopback, in one directory for each user and port', () => {
    const config = compile({}, true);
    expect([config.server.isEnabled, config.client.isEnabled, config.ingress.isEnabled]).toEqual([true, true, true]);
    expect(config.httpAddress).toBe('127.0.0.1');
    expect(config.isRawExecEnabled).toBe(true);
    expect(config.dataDir).toMatch(/\/serin-dev-\d+-4646$/);
    expect(compile({ ports: { http: 5000 } }, true).dataDir).toMatch(/\/serin-dev-\d+-5000$/);
    expect(compile({ data_dir: '/elsewhere' }, true).dataDir).toBe('/elsewhere');
  });

  it('without -dev nothing is enabled, and a shell for everybody is not either', () => {
    const config = compile(SERVER);
    expect([config.client.isEnabled, config.ingress.isEnabled, config.isRawExecEnabled]).toEqual([false, false, false]);
    expect(config.httpAddress).toBe('127.0.0.1');
    expect(config.advertiseHttp).toBe('127.0.0.1:4646');
    expect(mistakes(SERVER)).toEqual([]);
  });

  it('raw_exec is enabled as operators know it, in either spelling', () => {
    expect(compile({ plugin: { raw_exec: { config: { enabled: true } } } }).isRawExecEnabled).toBe(true);
    expect(compile({ client: { options: { 'driver.raw_exec.enable': '1' } } }).isRawExecEnabled).toBe(true);
    expect(compile({ plugin: { raw_exec: { config: { enabled: false } } } }, true).isRawExecEnabled).toBe(false);
  });

  it('an agent on all addresses advertises one that others can call', () => {
    expect(compile({ bind_addr: '0.0.0.0' }).advertiseHttp).not.toMatch(/^0\.0\.0\.0/);
    expect(compile({ bind_addr: '0.0.0.0', advertise: { http: '10.1.2.3' } }).advertiseHttp).toBe('10.1.2.3:4646');
  });

  it('heartbeats are of ten seconds with ten more', () => {
    expect(compile(SERVER).server).toMatchObject({ heartbeatTtlMs: 10_000, heartbeatGraceMs: 10_000 });
    const quick = { server: { heartbeat_grace: '1500ms', min_heartbeat_ttl: '2s' } };
    expect(compile(quick).server).toMatchObject({ heartbeatTtlMs: 2_000, heartbeatGraceMs: 1_500 });
  });

  it('there is no Consul, until somebody writes the block', () => {
    expect(compile({}, true).consul).toBeUndefined();
    expect(compile({ consul: {} }).consul).toMatchObject({ url: 'http://127.0.0.1:8500', verifiesCertificate: true });
    expect(compile({ consul: { address: '10.0.0.1:8501', ssl: true } }).consul?.url).toBe('https://10.0.0.1:8501');
    expect(compile({ consul: { address: 'https://consul:8501/', token: 't' } }).consul).toMatchObject({
      url: 'https://consul:8501',
      token: 't',
    });
  });

  it('the ingress asks the servers of the node where it names none', () => {
    expect(compile({ client: { servers: ['10.0.0.1:4646'] } }).servers).toEqual(['10.0.0.1:4646']);
    expect(compile({ ingress: { servers: ['10.0.0.2:4646'] } }).servers).toEqual(['10.0.0.2:4646']);
  });

  it.each([
    ['10.0.0.1', '10.0.0.1:4646'],
    ['10.0.0.1:80', '10.0.0.1:80'],
    ['::1', '[::1]:4646'],
    ['[::1]:80', '[::1]:80'],
    ['web.example', 'web.example:4646'],
  ])('%s with a port is %s', (address, whole) => expect(withPort(address, 4646)).toBe(whole));
});

describe('mistakes', () => {
  const CASES: readonly (readonly [what: string, raw: RawConfig, sentence: RegExp])[] = [
    ['no role', { data_dir: '/data' }, /^no role is enabled/],
    ['no directory', { server: { enabled: true } }, /^no data_dir/],
    ['a relative directory', { ...SERVER, data_dir: 'data' }, /absolute path, not "data"/],
    ['a node that knows no server', { data_dir: '/d', client: { enabled: true } }, /^client.servers is empty/],
    ['an ingress that knows no server', { data_dir: '/d', ingress: { enabled: true } }, /^ingress.servers is empty/],
    [
      'a data plane that is none',
      { ...SERVER, ingress: { data_plane: 'nginx' } },
      /"embedded" or "haproxy", not "nginx"/,
    ],
    ['a server named wrongly', { ...SERVER, client: { servers: ['ftp://x'] } }, /not as "ftp:\/\/x"/],
    ['a port that is none', { ...SERVER, ports: { http: 70_000 } }, /^ports.http must be .* not 70000/],
    ['half a port', { ...SERVER, ports: { http: 80.5 } }, /^ports.http must be/],
    ['a log level that is none', { ...SERVER, log_level: 'loud' }, /^log_level must be one of .* not "loud"/],
    ['no time at all', { ...SERVER, server: { enabled: true, min_heartbeat_ttl: '0s' } }, /min_heartbeat_ttl/],
    ['less than nothing', { ...SERVER, client: { reserved: { cpu: -1 } } }, /less than nothing/],
    ['dynamic ports', { ...SERVER, client: { min_dynamic_port: 9, max_dynamic_port: 8 } }, /not 9 and 8/],
    [
      'an interface',
      { ...SERVER, client: { enabled: true, network_interface: 'nope0' } },
      /"nope0" has no address.*lo/,
    ],
    ['compute', { ...SERVER, client: { cpu_total_compute: -1 } }, /0 asks the machine/],
    ['ports that are none', { ...SERVER, client: { reserved: { reserved_ports: 'ssh' } } }, /not "ssh"/],
    ['a proxy that is none', { ...SERVER, ingress: { trusted_proxies: ['lb1'] } }, /such as "10.0.0.5".* not "lb1"/],
    ['PROXY headers of anybody', { ...SERVER, ingress: { proxy_protocol: true } }, /needs ingress.trusted_proxies/],
    ['no time for a head', { ...SERVER, ingress: { header_timeout: '0s' } }, /^ingress.header_timeout and/],
    [
      'statistics on no port',
      { ...SERVER, ingress: { marathon_lb: { port: 0 } } },
      /^ingress.marathon_lb.port must be/,
    ],
    ['half a request held', { ...SERVER, ingress: { max_held: 0.5 } }, /^ingress.max_held must be .* not 0.5/],
    ['TLS without certificate', { ...SERVER, tls: { http: true } }, /tls.cert_file and tls.key_file/],
    ['half a certificate', { ...SERVER, tls: { cert_file: 'c' } }, /belong together/],
    [
      'checks against nobody',
      { ...SERVER, tls: { verify_https_client: true } },
      /needs tls.http = true and tls.ca_file/,
    ],
    ['a server with the lesser token alone', { ...SERVER, auth: { agent_token_file: 'a' } }, /a server needs auth/],
    ['an open port for everybody', { ...SERVER, bind_addr: '0.0.0.0' }, /a shell on every node: set auth/],
    ['an open port through addresses', { ...SERVER, addresses: { http: '10.0.0.1' } }, /would listen on 10.0.0.1/],
    ['an address of Consul that is none', { ...SERVER, consul: { address: 'a b' } }, /^consul.address is written as/],
  ];
  it.each(CASES)('%s', (_, raw, sentence) => {
    const found = mistakes(raw);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(sentence);
  });

  it('are told all at once', () => expect(mistakes({ log_level: 'loud', bind_addr: '0.0.0.0' })).toHaveLength(4));

  const TLS = { http: true, ca_file: 'a', cert_file: 'c', key_file: 'k' };
  it.each([
    ['tokens', { auth: { token_file: 't' } }],
    ['certificates of those who call', { tls: { ...TLS, verify_https_client: true } }],
    ['the word of the operator', { insecure: true }],
  ])('beyond loopback %s will do', (_, guard) =>
    expect(mistakes({ ...SERVER, bind_addr: '0.0.0.0', ...guard })).toEqual([]),
  );

  it('encryption alone lets everybody in, and will not do', () => {
    expect(mistakes({ ...SERVER, bind_addr: '0.0.0.0', tls: TLS })).toHaveLength(1);
  });

  it.each(['127.0.0.1', '127.0.0.2', 'localhost', '::1'])('%s is loopback', (address) => {
    expect(mistakes({ ...SERVER, bind_addr: address })).toEqual([]);
  });
});

describe('marathon-lb’s statistics', () => {
  it.each<[string, RawConfig, boolean, number | undefined]>([
    ['are served where the block is', { ingress: { marathon_lb: {} } }, false, 9090],
    ['are served where the block says', { ingress: { marathon_lb: { port: 9191 } } }, false, 9191],
    ['are served beside Marathon’s API where that is tried out', { marathon: {} }, true, 9090],
    ['are not served beside it elsewhere', { marathon: {} }, false, undefined],
    ['are not served unless somebody asks', {}, true, undefined],
  ])('%s', (_, raw, isDev, port) => {
    expect(compile(raw, isDev).ingress.settings.marathonLbPort).toBe(port);
  });
});

describe("Marathon's API", () => {
  it('is off unless somebody asks for it, then listens where the API does', () => {
    expect(compile({}, true).marathon).toBeUndefined();
    expect(compile({ marathon: {} }, true).marathon).toEqual({
      port: 8080,
      bindAddress: '127.0.0.1',
      commandDriver: 'raw_exec',
    });
    expect(compile({ ...SERVER, marathon: {} }).marathon?.commandDriver, 'no shell without leave').toBe('exec');
  });

  it('has a port of its own, a server, a driver that there is, and is guarded as the API is', () => {
    const [port, driver] = mistakes({ ...SERVER, marathon: { port: 4646, command_driver: 'docker' } });
    expect([port, driver]).toEqual([
      'marathon.port and ports.http are both 4646: each needs a port of its own',
      'marathon.command_driver must be "exec" or "raw_exec", not "docker"',
    ]);
    const node = { data_dir: '/data', client: { enabled: true, servers: ['10.0.0.1:4646'] }, marathon: {} };
    expect(mistakes(node)[0]).toContain('a server');
    expect(mistakes({ ...SERVER, marathon: { bind_addr: '0.0.0.0' } })[0]).toContain('auth { token_file');
    expect(mistakes({ ...SERVER, marathon: { bind_addr: '0.0.0.0' }, insecure: true })).toEqual([]);
  });
});
