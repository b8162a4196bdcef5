/** A real Consul agent on loopback for live tests: the installed one, or the one that `npm test` has unpacked. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const UNPACKED = fileURLToPath(new URL('../../../node_modules/.cache/serin/consul/usr/bin/consul', import.meta.url));
const READY_WITHIN_MS = 120_000;

/** undefined: there is none on this machine. */
export const consulBinary = (): string | undefined => ['/usr/bin/consul', UNPACKED].find((file) => existsSync(file));

export class ConsulProcess {
  readonly url: string;
  readonly #flags: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(ports: readonly number[]) {
    const [http, rpc, lan, wan] = ports;
    this.url = `http://127.0.0.1:${http}`;
    this.#flags = [
      ...[
        'agent',
        '-dev',
        '-bind',
        '127.0.0.1',
        '-client',
        '127.0.0.1',
        '-log-level',
        'err',
        '-http-port',
        String(http),
      ],
      ...['-dns-port', '-1', '-grpc-port', '-1', '-server-port', String(rpc)],
      ...['-serf-lan-port', String(lan), '-serf-wan-port', String(wan)],
    ];
  }

  static async start(): Promise<ConsulProcess> {
    const consul = new ConsulProcess(await freePorts(4));
    await consul.start();
    return consul;
  }

  /** Without anything that it knew before. */
  async start(): Promise<void> {
    this.#child = spawn(consulBinary()!, this.#flags, { stdio: 'ignore' });
    const givenUpMs = Date.now() + READY_WITHIN_MS;
    while (!(await this.#hasLeader())) {
      if (Date.now() > givenUpMs) throw new Error(`no Consul at ${this.url}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** By SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async #hasLeader(): Promise<boolean> {
    const answer = await fetch(`${this.url}/v1/status/leader`).catch(() => undefined);
    return answer?.ok === true && (await answer.text()).length > 2;
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
