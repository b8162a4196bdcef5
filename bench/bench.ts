/**
 * `npm run bench`: every figure beside its budget. `--only NAME` runs one suite (repeatable) and writes no report.
 * Exit status 0 whatever the figures are: a shared machine must not fail a build; the report says what is missed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMet, type Suite } from './figure.ts';
import { figureLine, markdownReport, type SuiteResult } from './report.ts';
import { drivers } from './suites/drivers.ts';
import { durable } from './suites/durable.ts';
import { haproxy } from './suites/haproxy.ts';
import { ingress } from './suites/ingress.ts';
import { page } from './suites/page.ts';
import { placement } from './suites/placement.ts';
import { reads } from './suites/reads.ts';
import { rolling } from './suites/rolling.ts';
import { shares } from './suites/shares.ts';
import { start } from './suites/start.ts';
import { strategies } from './suites/strategies.ts';
import { supervision } from './suites/supervision.ts';
import { tasks } from './suites/tasks.ts';
import { loadAverage, surroundings } from './surroundings.ts';

/** What runs alone in processes of its own comes first; placements leave this one with a large heap. */
const SUITES: readonly Suite[] = [
  start,
  tasks,
  supervision,
  drivers,
  rolling,
  strategies,
  shares,
  reads,
  page,
  ingress,
  haproxy,
  durable,
  placement,
];
const REPORT = 'docs/figures/bench.md';

async function bench(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
  const unknown = values.only?.filter((name) => !SUITES.some((suite) => suite.name === name)) ?? [];
  if (unknown.length > 0) {
    console.error(`there is no bench ${unknown.join(', ')}; there are ${SUITES.map((suite) => suite.name).join(', ')}`);
    return 1;
  }
  const where = surroundings('npm run bench');
  for (const [name, value] of Object.entries(where)) console.log(`${name}: ${value}`);
  const results: SuiteResult[] = [];
  for (const suite of SUITES.filter(({ name }) => values.only?.includes(name) ?? true))
    results.push(await runOne(suite));
  if (!values.only) {
    mkdirSync('docs/figures', { recursive: true });
    writeFileSync(REPORT, markdownReport(results, { ...where, 'load average at the end': loadAverage() }));
  }
  console.log(`\n${summary(results)}${values.only ? '' : `; written to ${REPORT}`}`);
  return 0;
}

async function runOne(suite: Suite): Promise<SuiteResult> {
  console.log(`\n${suite.name}: ${suite.about}`);
  const figures = await suite.run();
  for (const figure of figures) console.log(figureLine(figure));
  return { suite, figures };
}

function summary(results: readonly SuiteResult[]): string {
  const verdicts = results.flatMap(({ figures }) => figures.map(isMet)).filter((met) => met !== undefined);
  return `${verdicts.filter(Boolean).length} of ${verdicts.length} budgets met`;
}

bench().then(
  (code) => process.exit(code),
  (error) => {
    console.error('the bench could not run:', error);
    process.exit(1);
  },
);
