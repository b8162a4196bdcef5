/** Whether an engine is there, what it is, and if not, why not. */
import { accessSync, constants, existsSync } from 'node:fs';
import type { DockerVersion } from 'dockerode';
import type { Clock } from '../lib/clock.ts';
import { type Engine, engineWords } from './docker-engine.ts';
import type { DockerPluginConfig } from './docker-plugin-config.ts';
import type { DriverFingerprint } from './driver.ts';

const PATIENCE_MS = 5_000;

const absent = (description: string): DriverFingerprint => ({
  detected: false,
  healthy: false,
  description,
  attributes: {},
});

/** Looks at the socket first: on a node without an engine nothing more is loaded. */
export async function fingerprintEngine(
  plugin: DockerPluginConfig,
  connect: () => Promise<Engine>,
  clock: Clock,
): Promise<DriverFingerprint> {
  const { socketPath } = plugin;
  if (!existsSync(socketPath)) return absent(engineWords({ code: 'ENOENT' }, socketPath));
  if (!isWritable(socketPath)) return absent(engineWords({ code: 'EACCES' }, socketPath));
  const tooLong = new AbortController();
  const timer = clock.after(PATIENCE_MS, () => tooLong.abort());
  try {
    const engine = await connect();
    const version = await (engine as unknown as Versioned).version({ abortSignal: tooLong.signal });
    return found(version, await bridgeAddress(engine), plugin);
  } catch (error) {
    return absent(
      tooLong.signal.aborted ? `the engine at ${socketPath} does not answer` : engineWords(error, socketPath),
    );
  } finally {
    timer.cancel();
  }
}

/** Its types do not know that it takes options. */
interface Versioned {
  version(options: { readonly abortSignal: AbortSignal }): Promise<DockerVersion>;
}

function found(version: DockerVersion, bridge: string | undefined, plugin: DockerPluginConfig): DriverFingerprint {
  return {
    detected: true,
    healthy: true,
    description: 'Healthy',
    attributes: {
      'driver.docker': '1',
      'driver.docker.version': version.Version,
      'driver.docker.os_type': version.Os,
      ...(bridge !== undefined && { 'driver.docker.bridge_ip': bridge }),
      ...(plugin.allowPrivileged && { 'driver.docker.privileged.enabled': 'true' }),
      ...(plugin.allowHostVolumes && { 'driver.docker.volumes.enabled': 'true' }),
    },
  };
}

/** undefined: the engine has no bridge. */
async function bridgeAddress(engine: Engine): Promise<string | undefined> {
  try {
    const network = await engine.getNetwork('bridge').inspect();
    return network.IPAM?.Config?.[0]?.Gateway;
  } catch {
    return undefined;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
