/** `npm run simulate -- --seeds N [--from K]`: runs seeds K to K+N−1, prints the failing seed, which replays it.
 * With `--apps` the worlds are of Marathon's apps: seeds "apps-K" to "apps-(K+N−1)".
 * `--seed S --trace` also tells every change of an allocation, evaluation and deployment on the way. */
import { parseArgs } from 'node:util';
import type { Law } from './laws/laws.ts';
import { LAW_NAMES, LAWS } from './laws/laws.ts';
import { runScenario, type ScenarioResult } from './scenario.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    apps: { type: 'boolean', default: false },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

const seeds = values.seed !== undefined ? [values.seed] : range(Number(values.from), Number(values.seeds));
const startedAt = Date.now();
let steps = 0;
const checked = new Map<Law, number>();
const brokenBy = new Map<Law, Set<string>>();
const failed: ScenarioResult[] = [];
for (const [at, seed] of seeds.entries()) {
  const result = await runScenario(seed, { trace: values.trace });
  steps += result.steps;
  for (const [law, times] of result.checked) checked.set(law, (checked.get(law) ?? 0) + times);
  for (const { law } of result.violations) {
    const seedsOfLaw = brokenBy.get(law) ?? new Set();
    brokenBy.set(law, seedsOfLaw.add(seed));
  }
  if (result.violations.length > 0) {
    failed.push(result);
    report(result);
  }
  if (process.stdout.isTTY && at % 50 === 0)
    process.stdout.write(`\r${at + 1} of ${seeds.length} seeds, ${failed.length} failed `);
}
console.log(
  `\n${seeds.length} seeds, ${steps} steps, ${failed.length} failed, ${Math.round((Date.now() - startedAt) / 1000)} s. Laws:`,
);
for (const law of LAW_NAMES) {
  const broken = brokenBy.get(law)?.size ?? 0;
  const times = String(checked.get(law) ?? 0).padStart(9);
  console.log(`  ${law.padEnd(13)} checked ${times} times, broken by ${broken} seeds   ${LAWS[law]}`);
}
process.exitCode = failed.length === 0 ? 0 : 1;

function report(result: ScenarioResult): void {
  console.log(`\nseed ${result.seed} breaks a law; replay it with: npm run simulate -- --seed ${result.seed}`);
  for (const event of result.events) console.log(`  ${event}`);
  for (const { law, what, atMs } of result.violations) console.log(`  ✗ ${(atMs / 1000).toFixed(3)}s ${law}: ${what}`);
}

function range(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${values.apps ? 'apps-' : ''}${from + at}`);
}
