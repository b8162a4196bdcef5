/** The laws can be broken: each bug planted here is found by one of a few seeds. */
import { expect, it } from 'vitest';
import type { Law } from './laws/laws.ts';
import { runScenario } from './scenario.ts';
import type { PlantedBug } from './world.ts';

const SEEDS = 40;

it.each([
  ['kills before the drain', 'drain'],
  ['stores after it answers', 'acknowledged'],
] satisfies [PlantedBug, Law][])('a node or server that %s breaks the law of %s', async (plantedBug, law) => {
  const broken = new Set<Law>();
  for (let seed = 0; seed < SEEDS && !broken.has(law); seed++) {
    const { violations } = await runScenario(String(seed), { plantedBug }).catch(() => ({ violations: [] }));
    for (const violation of violations) broken.add(violation.law);
  }
  expect([...broken]).toContain(law);
});
