/** A real Prometheus for live tests, that only looks for targets: the installed one, or the one that `npm test` has unpacked. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './live-agent.ts';
import { until } from './until.ts';

const UNPACKED = fileURLToPath(
  new URL('../../../node_modules/.cache/serin/prometheus/usr/bin/prometheus', import.meta.url),
);

/** undefined: there is none on this machine. */
export const prometheusBinary = (): string | undefined =>
  ['/usr/bin/prometheus', UNPACKED].find((file) => existsSync(file));

export interface Target {
  /** Where it would ask for metrics. */
  readonly address: string;
  /** "__meta_marathon_app": "/web" and so on. */
  readonly labels: Readonly<Record<string, string>>;
}

export class PrometheusProcess {
  readonly #url: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(port: number, config: string) {
    this.#url = `http://127.0.0.1:${port}`;
    this.#folder = mkdtempSync(join(tmpdir(), 'serin-prometheus-'));
    const file = join(this.#folder, 'prometheus.yml');
    writeFileSync(file, config);
    const flags = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(this.#folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    this.#child = spawn(prometheusBinary()!, flags, { stdio: 'ignore' });
  }

  /** `discovery`: the block of a scrape configuration that says where targets are. */
  static async start(discovery: string): Promise<PrometheusProcess> {
    const config = `scrape_configs:\n  - job_name: all\n    scrape_interval: 1h\n    scrape_timeout: 1s\n${discovery}`;
    const prometheus = new PrometheusProcess(await freePort(), config);
    try {
      await until('Prometheus answers', () => prometheus.targets());
    } catch (error) {
      await prometheus.stop();
      throw error;
    }
    return prometheus;
  }

  async targets(): Promise<Target[]> {
    const answer = await fetch(`${this.#url}/api/v1/targets?state=active`);
    const { data } = (await answer.json()) as { data: { activeTargets: { discoveredLabels: Target['labels'] }[] } };
    return data.activeTargets.map(({ discoveredLabels: labels }) => ({ address: labels.__address__ ?? '', labels }));
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) {
      const ended = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
