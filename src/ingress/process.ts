/** An ingress as a process of its own: the agent starts it and wires nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { steadyClock } from '../lib/clock.ts';
import { newUuid } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { seededRandom } from '../lib/random.ts';
import type { TlsMaterial } from '../lib/tls-material.ts';
import { Certificates } from './certificates.ts';
import { DEFAULT_TIMEOUTS } from './embedded/connection-deps.ts';
import { EmbeddedDataPlane, type EmbeddedOptions } from './embedded/embedded-data-plane.ts';
import { haproxyFiles } from './haproxy/files.ts';
import { HaproxyDataPlane } from './haproxy/haproxy-data-plane.ts';
import { HttpControlPlane } from './http-control-plane.ts';
import { Ingress } from './ingress.ts';
import { ingressFiles } from './ingress-files.ts';
import type { LbSources } from './marathon-lb/answers.ts';
import { MarathonLbFace } from './marathon-lb/face.ts';
import { DEFAULT_SETTINGS, type IngressSettings } from './settings.ts';
import { turnClock } from './turn-clock.ts';

export interface IngressProcessOptions {
  /** Its identity and its last routing table live in here. */
  readonly dataDir: string;
  readonly serverUrl: string;
  /** Asked for each time: it may change while the ingress runs. */
  readonly token?: () => string;
  readonly tls?: TlsMaterial;
  /** The address that it listens on for users' requests. */
  readonly bindAddress: string;
  readonly name: string;
  readonly settings?: IngressSettings;
  readonly log: Log;
  /** How long what is in flight may take when the process is asked to stop. */
  readonly stopMs?: number;
}

/** Resolves when the signal has aborted, everything in flight has ended, and the server was told. */
export async function runIngressProcess(options: IngressProcessOptions, signal: AbortSignal): Promise<void> {
  const { dataDir, serverUrl, token, tls, bindAddress, name, log, stopMs } = options;
  const files = ingressFiles(dataDir);
  const ingressId = await files.identity(newUuid);
  const control = new HttpControlPlane({ serverUrl, ...(token && { token }), ...(tls && { tls }) });
  const shared = { clock: steadyClock(), log };
  const settings = options.settings ?? DEFAULT_SETTINGS;
  const certificates = new Certificates({ ...shared, paths: settings.certificates });
  await certificates.load();
  const ingress = new Ingress({
    ...shared,
    ingressId,
    name,
    control,
    tables: files,
    random: seededRandom(ingressId),
    dataPlane: (onChange, refresh) => {
      const common = { ...shared, bindAddress, onChange, certificates, ...(stopMs === undefined ? {} : { stopMs }) };
      return settings.dataPlane === 'haproxy'
        ? new HaproxyDataPlane({ ...common, ...haproxyOptions(settings, dataDir) })
        : new EmbeddedDataPlane({ ...common, ...embeddedOptions(settings), refresh, clock: turnClock(shared.clock) });
    },
  });
  const { marathonLbPort: port } = settings;
  const sources = (): LbSources => lbSources(ingress, settings, dataDir);
  const face = port === undefined ? undefined : new MarathonLbFace({ ...shared, port, bindAddress, sources });
  try {
    await Promise.all([ingress.run(signal), certificates.run(signal), face?.run(signal)]);
  } finally {
    await control.close();
  }
}

function lbSources(ingress: Ingress, { dataPlane }: IngressSettings, dataDir: string): LbSources {
  const view = { table: ingress.table, report: ingress.snapshot() };
  const haproxyConfig =
    dataPlane === 'haproxy' ? readIfThere(haproxyFiles(join(dataDir, 'haproxy')).config) : undefined;
  return { view, pid: process.pid, haproxyConfig };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function haproxyOptions(settings: IngressSettings, dataDir: string) {
  const { haproxy, maxHeld } = settings;
  return { dir: join(dataDir, 'haproxy'), binary: haproxy.binary, template: haproxy, settings, maxHeld };
}

function embeddedOptions(settings: IngressSettings): Partial<EmbeddedOptions> {
  const { trustedProxies, acceptsProxyProtocol, maxHeld, headerTimeoutMs, keepAliveTimeoutMs } = settings;
  const timeouts = { ...DEFAULT_TIMEOUTS, headMs: headerTimeoutMs, idleMs: keepAliveTimeoutMs };
  return { trustedProxies, acceptsProxyProtocol, maxHeld, timeouts };
}
