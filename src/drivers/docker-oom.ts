/**
 * Whether a container was killed for its memory. An engine's state says so when its watcher was in time: one that is
 * killed in its first milliseconds, or on a machine under load, is missed, and then no event comes either. The kernel's
 * log does not miss it; the engine's events are asked where that log cannot be read.
 */
import type { ContainerInspectInfo } from 'dockerode';
import type { Engine } from './docker-engine.ts';
import { killedForMemory } from './kernel-log.ts';

/** How long the news may take. */
const LATE_SECONDS = 1;

export async function ranOutOfMemory(engine: Engine, info: ContainerInspectInfo, nowMs: number): Promise<boolean> {
  return (await killedForMemory(info.Id)) || (await hasEvent(engine, info, nowMs));
}

async function hasEvent(engine: Engine, { Id, State }: ContainerInspectInfo, nowMs: number): Promise<boolean> {
  const stream = await engine.getEvents({
    since: Math.floor(Date.parse(State.StartedAt) / 1_000),
    until: Math.ceil(nowMs / 1_000) + LATE_SECONDS,
    filters: { container: [Id], event: ['oom'] },
  });
  let text = '';
  for await (const chunk of stream) text += chunk.toString();
  return text.includes('"oom"');
}
