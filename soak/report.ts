/** The report of a finished run, as it is committed under docs/figures/. Pure. */
import type { SoakProgress, SoakRun } from './run.ts';

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGB: number;
  readonly node: string;
  /** Processes that wanted a core, over the last 15 minutes: times of a busy machine are not those of an idle one. */
  readonly load: number;
}

export interface ReportFacts<Progress extends SoakProgress> {
  readonly run: SoakRun<Progress>;
  readonly progress: Progress;
  readonly command: string;
  readonly commit: string;
  readonly machine: Machine;
  /** "2026-11-20" */
  readonly date: string;
  /** Over all parts of the run. */
  readonly tookMs: number;
  /** In how many parts it ran. */
  readonly parts: number;
}

export function formatReport<Progress extends SoakProgress>(facts: ReportFacts<Progress>): string {
  const { run, progress, machine } = facts;
  return [
    `# Soak: ${run.title}`,
    '',
    ...run.setting.flatMap((sentence) => [sentence, '']),
    table([
      ['command', `\`${facts.command}\``],
      ['commit', `\`${facts.commit}\``],
      [
        'machine',
        `${machine.cores} cores, ${machine.model}, ${machine.memoryGB} GB; Node.js ${machine.node}; load average ${machine.load.toFixed(1)}`,
      ],
      ...(progress.done < run.total
        ? [['done', `${progress.done} of ${run.total} ${run.unit}: interrupted`] as const]
        : []),
      ['date', facts.date],
      ['took', `${Math.round(facts.tookMs / 1000)} s${facts.parts > 1 ? ` in ${facts.parts} parts` : ''}`],
    ]),
    '',
    '## Figures',
    '',
    table(run.figures(progress)),
    '',
    ...failures(progress.failures),
  ].join('\n');
}

const table = (rows: readonly (readonly [string, string])[]): string =>
  ['| what | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');

function failures(all: readonly string[]): string[] {
  if (all.length === 0) return [];
  return ['## Failures', '', ...all.slice(0, 50).map((each) => `- ${each}`), ''];
}
