/** Plays seeds in chunks, each a test: files that share the work share the cores. For tests only. */
import { expect, it } from 'vitest';
import { AWAITED } from './laws/laws.ts';
import { runScenario } from './scenario.ts';

const CHUNK = 50;
const CHUNK_TIMEOUT_MS = 120_000;

export function playSeeds(first: number, count: number): void {
  const chunks = Array.from({ length: count / CHUNK }, (_, at) => first + at * CHUNK);
  it.each(chunks)('deployments keep every law from seed %i on', playChunk, CHUNK_TIMEOUT_MS);
}

async function playChunk(from: number): Promise<void> {
  for (let seed = from; seed < from + CHUNK; seed++) {
    const { violations, events } = await runScenario(String(seed), { awaited: AWAITED });
    expect(violations, `npm run simulate -- --seed ${seed} --trace\n${events.join('\n')}`).toEqual([]);
  }
}
