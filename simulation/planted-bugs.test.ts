/** The laws can be broken: each bug planted here is found by one of a few seeds. */
import { expect, it } from 'vitest';
import type { Law } from './laws/laws.ts';
import { PLANTED_BUGS, type PlantedBug } from './planted-bugs.ts';
import { runScenario } from './scenario.ts';

const SEEDS = 80;

const CASES = Object.entries(PLANTED_BUGS).map(([bug, { breaks }]): [PlantedBug, Law] => [bug as PlantedBug, breaks]);

it.each(CASES)('%s breaks the law of %s', async (plantedBug, law) => {
  const broken = new Set<Law>();
  for (let seed = 0; seed < SEEDS && !broken.has(law); seed++) {
    const { violations } = await runScenario(String(seed), { plantedBug }).catch(() => ({ violations: [] }));
    for (const violation of violations) broken.add(violation.law);
  }
  expect([...broken]).toContain(law);
});
