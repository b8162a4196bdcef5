/** Sees to it that the engine has an image: one that is there is used, any other is pulled. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../lib/clock.ts';
import { msFromNanos, parseDuration } from '../lib/duration.ts';
import { messageOf, SerinError } from '../lib/errors.ts';
import { textOf } from './docker-config.ts';
import { type Engine, engineError, engineWords, isNotFound } from './docker-engine.ts';
import { fullImageName, type PullAuth, pullAuth } from './docker-image.ts';
import type { DockerPluginConfig } from './docker-plugin-config.ts';
import type { StartContext, TaskConfig } from './driver.ts';

export interface PullParts {
  readonly engine: Engine;
  readonly plugin: DockerPluginConfig;
  readonly clock: Clock;
  readonly context: StartContext;
}

const DEFAULT_TIMEOUT = '5m';
/** A task keeps ten events: a long pull says seldom how far it is. */
const PROGRESS_EVERY_MS = 60_000;
const MIB = 1024 * 1024;

export async function ensureImage(task: TaskConfig, parts: PullParts): Promise<void> {
  const image = fullImageName(textOf(task.config.image));
  if (task.config.force_pull !== true && (await hasImage(image, parts))) return;
  parts.context.note('Downloading image', { image });
  const timeoutMs = msFromNanos(parseDuration(textOf(task.config.image_pull_timeout) || DEFAULT_TIMEOUT) ?? 0);
  const tooLong = new AbortController();
  const timer = parts.clock.after(timeoutMs, () => tooLong.abort());
  try {
    await pull(image, credentials(task, parts.plugin), parts, AbortSignal.any([tooLong.signal, parts.context.signal]));
  } catch (error) {
    if (tooLong.signal.aborted) {
      const asked = textOf(task.config.image_pull_timeout) || DEFAULT_TIMEOUT;
      throw new SerinError('driver', `image "${image}" was not pulled within ${asked}: raise image_pull_timeout`);
    }
    throw new SerinError('driver', `cannot pull image "${image}": ${engineWords(error, parts.plugin.socketPath)}`, {
      cause: error,
    });
  } finally {
    timer.cancel();
  }
}

async function hasImage(image: string, { engine, plugin }: PullParts): Promise<boolean> {
  try {
    await engine.getImage(image).inspect();
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw engineError(`cannot look for image "${image}"`, error, plugin.socketPath);
  }
}

function credentials(task: TaskConfig, { authFile }: DockerPluginConfig): PullAuth | undefined {
  try {
    return pullAuth(task.config, authFile === '' ? undefined : readFileSync(authFile, 'utf8'));
  } catch (error) {
    throw new SerinError('driver', `cannot read the registry credentials in ${authFile}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

interface ProgressLine {
  readonly id?: string;
  readonly error?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

async function pull(image: string, auth: PullAuth | undefined, parts: PullParts, signal: AbortSignal): Promise<void> {
  const options = { abortSignal: signal, ...(auth && { authconfig: auth }) };
  const stream = await parts.engine.pull(image, options);
  const layers = new Map<string, { readonly current: number; readonly total: number }>();
  let saidMs = parts.clock.nowMs();
  for await (const line of jsonLines(stream)) {
    // The engine has answered 200 by then: what goes wrong later stands in the stream.
    if (line.error !== undefined) throw new Error(line.error);
    const { current, total } = line.progressDetail ?? {};
    if (line.id !== undefined && current !== undefined && total !== undefined) layers.set(line.id, { current, total });
    if (parts.clock.nowMs() - saidMs < PROGRESS_EVERY_MS) continue;
    saidMs = parts.clock.nowMs();
    parts.context.note(`Downloading image: ${progressWords([...layers.values()])}`, { image });
  }
}

export function progressWords(layers: readonly { readonly current: number; readonly total: number }[]): string {
  const sum = (pick: 'current' | 'total') => layers.reduce((all, layer) => all + layer[pick], 0);
  return `${Math.floor(sum('current') / MIB)} of ${Math.ceil(sum('total') / MIB)} MB`;
}

async function* jsonLines(stream: NodeJS.ReadableStream): AsyncGenerator<ProgressLine> {
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as ProgressLine;
  }
  if (rest.trim() !== '') yield JSON.parse(rest) as ProgressLine;
}
