/** The report of a run: lines on the terminal, a table in docs/figures/bench.md. */
import { budgetText, type Figure, quantity, type Suite, verdict } from './figure.ts';
import type { Surroundings } from './surroundings.ts';

export interface SuiteResult {
  readonly suite: Suite;
  readonly figures: readonly Figure[];
}

export function figureLine(figure: Figure): string {
  const { name, measured, unit, peer } = figure;
  const columns = [name.padEnd(64), quantity(measured, unit).padStart(12), budgetText(figure).padStart(14)];
  return `  ${columns.join('  ')}  ${verdict(figure).padEnd(6)}  ${peer ?? ''}`.trimEnd();
}

export function markdownReport(
  results: readonly SuiteResult[],
  { command, ...where }: Surroundings & { readonly 'load average at the end': string },
): string {
  const facts = Object.entries({ command: `\`${command}\``, ...where }).map(([name, value]) => `- ${name}: ${value}`);
  const suites = results.flatMap(({ suite, figures }) => [`\n## ${suite.name}\n`, suite.about, '', ...table(figures)]);
  return [INTRODUCTION, ...facts, ...suites].join('\n').concat('\n');
}

const INTRODUCTION = `# Bench figures

Each figure is the median of several runs unless its name says otherwise, beside its budget from the design. What a peer
does is a constant measured once on 2 cores of an AMD EPYC at 2.6 GHz. Other work on the machine shows in every figure: a
load average above the number of cores means that the code can do better than what stands here. \`npm run bench\` writes this file;
\`npm run bench -- --only <name>\` runs one part and writes nothing.
`;

function table(figures: readonly Figure[]): string[] {
  const rows = figures.map((figure) => {
    const { name, measured, unit, peer = '' } = figure;
    return `| ${name} | ${quantity(measured, unit)} | ${budgetText(figure)} | ${verdict(figure)} | ${peer} |`;
  });
  return ['| figure | measured | budget | | peer |', '|---|---:|---:|---|---|', ...rows];
}
