/** The laws can be broken: each bug planted here is found by one of a few seeds. */
import { expect, it } from 'vitest';
import type { Law } from './laws/laws.ts';
import { PLANTED_BUGS, type PlantedBug } from './planted-bugs.ts';
import { runScenario } from './scenario.ts';

const SEEDS = 80;

const CASES = Object.entries(PLANTED_BUGS).map(([bug, planted]): [PlantedBug, Law, string] => [
  bug as PlantedBug,
  planted.breaks,
  'world' in planted ? planted.world : '',
]);

it.each(CASES)('%s breaks the law of %s', async (plantedBug, law, world) => {
  const broken = new Set<Law>();
  for (let seed = 0; seed < SEEDS && !broken.has(law); seed++) {
    const { violations } = await runScenario(`${world}${seed}`, { plantedBug }).catch(() => ({ violations: [] }));
    for (const violation of violations) broken.add(violation.law);
  }
  expect([...broken]).toContain(law);
});
