/**
 * Whether a container was killed for its memory. Where that news reaches an engine only after the container's end, its
 * state never says so; its events do.
 */
import type { Engine } from './docker-engine.ts';

/** How long the news may take. */
const LATE_SECONDS = 1;

export async function ranOutOfMemory(
  engine: Engine,
  container: string,
  startedAt: string,
  nowMs: number,
): Promise<boolean> {
  const stream = await engine.getEvents({
    since: Math.floor(Date.parse(startedAt) / 1_000),
    until: Math.ceil(nowMs / 1_000) + LATE_SECONDS,
    filters: { container: [container], event: ['oom'] },
  });
  let text = '';
  for await (const chunk of stream) text += chunk.toString();
  return text.includes('"oom"');
}
