/** Plays seeds in chunks, each a test: files that share the work share the cores. For tests only. */
import { expect, it } from 'vitest';
import { AWAITED } from './laws/laws.ts';
import { runScenario } from './scenario.ts';

const CHUNK = 50;
const CHUNK_TIMEOUT_MS = 120_000;

/** `world`: what the names of the seeds begin with. */
export function playSeeds(first: number, count: number, world: '' | 'apps-' = ''): void {
  const chunks = Array.from({ length: count / CHUNK }, (_, at) => first + at * CHUNK);
  it.each(chunks)(
    `deployments keep every law from seed ${world}%i on`,
    (from) => playChunk(world, from),
    CHUNK_TIMEOUT_MS,
  );
}

async function playChunk(world: string, from: number): Promise<void> {
  for (let at = from; at < from + CHUNK; at++) {
    const seed = `${world}${at}`;
    const { violations, events } = await runScenario(seed, { awaited: AWAITED });
    expect(violations, `npm run simulate -- --seed ${seed} --trace\n${events.join('\n')}`).toEqual([]);
  }
}
