/**
 * `npm run soak -- [--only <name>] [--plane <name>] [--from <step>] [--report]`: laws at their full numbers. A run that is
 * interrupted goes on where it was; one that ended writes its report to docs/figures/, and with `--report` one that is
 * interrupted too. Exit status 1 when something failed.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CHECKOUT } from '../src/agent/testing/program.ts';
import { containersRun } from './containers-run.ts';
import { driversRun } from './drivers-run.ts';
import { killServerRun } from './kill-server-run.ts';
import { Plane } from './planes/rig.ts';
import { formatReport } from './report.ts';
import { revertRun } from './revert-run.ts';
import { rollingRun } from './rolling-run.ts';
import type { SoakProgress, SoakRun } from './run.ts';
import { simulationRun } from './simulation-run.ts';
import { TRAFFIC, trafficRun } from './traffic-run.ts';

const STATE_FOLDER = join(CHECKOUT, '.serin/soak');
const FIGURES = join(CHECKOUT, 'docs/figures');

/** What is kept between the parts of a run. */
interface Kept<Progress> {
  readonly progress: Progress;
  readonly tookMs: number;
  readonly parts: number;
}

interface Wanted {
  readonly only: string | undefined;
  /** The first step; where the last part ended when it is not said. */
  readonly from: number | undefined;
  /** Of the runs that there are for each data plane. */
  readonly plane: Plane | undefined;
  /** A report even of a run that is interrupted. */
  readonly isReportWanted: boolean;
}

const RUNS: readonly ((wanted: Wanted, signal: AbortSignal) => Promise<boolean>)[] = [
  (wanted, signal) => soak(rollingRun, wanted, signal),
  (wanted, signal) => soak(revertRun, wanted, signal),
  (wanted, signal) => soak(killServerRun, wanted, signal),
  (wanted, signal) => soak(simulationRun, wanted, signal),
  (wanted, signal) => soak(driversRun, wanted, signal),
  (wanted, signal) => soak(containersRun, wanted, signal),
  ...Object.values(Plane).map(
    (plane) => (wanted: Wanted, signal: AbortSignal) =>
      wanted.plane === undefined || wanted.plane === plane
        ? soak(trafficRun(plane), wanted, signal, TRAFFIC)
        : Promise.resolve(true),
  ),
];
const NAMES = [
  rollingRun.name,
  revertRun.name,
  killServerRun.name,
  simulationRun.name,
  driversRun.name,
  containersRun.name,
  TRAFFIC,
];

async function main(): Promise<number> {
  const wanted = readArguments();
  if (typeof wanted === 'string') {
    console.error(wanted);
    return 1;
  }
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  let isGood = true;
  for (const run of RUNS) if (!stop.signal.aborted) isGood = (await run(wanted, stop.signal)) && isGood;
  return isGood ? 0 : 1;
}

/** True when it is done without a failure, or was not asked for. */
async function soak<Progress extends SoakProgress>(
  run: SoakRun<Progress>,
  wanted: Wanted,
  signal: AbortSignal,
  name = run.name,
): Promise<boolean> {
  if (wanted.only !== undefined && wanted.only !== name) return true;
  const before = startOf(run, wanted.from);
  const startedAt = Date.now();
  console.log(`${run.name}: ${run.title}; from ${before.progress.done + 1} of ${run.total} ${run.unit}`);
  const keptWith = (progress: Progress): Kept<Progress> => ({
    progress,
    tookMs: before.tookMs + Date.now() - startedAt,
    parts: before.parts + 1,
  });
  const save = (progress: Progress): void => {
    keep(run.name, keptWith(progress));
    console.log(`  ${progress.done} of ${run.total} ${run.unit}, ${progress.failures.length} failures`);
  };
  const folder = join(STATE_FOLDER, run.name);
  mkdirSync(folder, { recursive: true });
  const progress = await run.run({ before: before.progress, signal, folder, save });
  if (progress.done < run.total) {
    console.log(`  interrupted; the same command goes on with ${progress.done + 1}`);
    if (wanted.isReportWanted) report(run, keptWith(progress), wanted);
    return false;
  }
  finish(run, keptWith(progress), wanted);
  return progress.failures.length === 0;
}

function finish<Progress extends SoakProgress>(run: SoakRun<Progress>, kept: Kept<Progress>, wanted: Wanted): void {
  report(run, kept, wanted);
  rmSync(join(STATE_FOLDER, run.name), { recursive: true, force: true });
  rmSync(stateFile(run.name), { force: true });
}

function report<Progress extends SoakProgress>(run: SoakRun<Progress>, kept: Kept<Progress>, wanted: Wanted): void {
  const file = join(FIGURES, `${run.name}.md`);
  mkdirSync(FIGURES, { recursive: true });
  const facts = { run, ...kept, command: commandOf(run.name, wanted), commit: commit(), machine: machine() };
  writeFileSync(file, formatReport({ ...facts, date: new Date().toISOString().slice(0, 10) }));
  for (const [name, value] of run.figures(kept.progress)) console.log(`  ${name}: ${value}`);
  console.log(`  report: ${file}`);
}

function commandOf(name: string, { only = name, plane, from }: Wanted): string {
  const words = ['--only', only, ...(plane ? ['--plane', plane] : []), ...(from ? ['--from', `${from}`] : [])];
  return `npm run soak -- ${words.join(' ')}`;
}

function startOf<Progress extends SoakProgress>(run: SoakRun<Progress>, from: number | undefined): Kept<Progress> {
  const kept = readKept<Progress>(run.name);
  if (from === 1 || (from === undefined && !kept)) {
    rmSync(join(STATE_FOLDER, run.name), { recursive: true, force: true });
    return { progress: run.start, tookMs: 0, parts: 0 };
  }
  const known = kept ?? { progress: run.start, tookMs: 0, parts: 0 };
  return from === undefined ? known : { ...known, progress: { ...known.progress, done: from - 1 } };
}

function readKept<Progress>(name: string): Kept<Progress> | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(name), 'utf8')) as Kept<Progress>;
  } catch {
    return undefined;
  }
}

function keep(name: string, kept: Kept<unknown>): void {
  const file = stateFile(name);
  writeFileSync(`${file}.new`, JSON.stringify(kept));
  renameSync(`${file}.new`, file);
}

const stateFile = (name: string): string => join(STATE_FOLDER, `${name}.json`);

function readArguments(): Wanted | string {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        plane: { type: 'string' },
        from: { type: 'string' },
        report: { type: 'boolean', default: false },
      },
    });
    const { plane } = values;
    const from = values.from === undefined ? undefined : Number(values.from);
    if (values.only !== undefined && !NAMES.includes(values.only))
      return `there is no run "${values.only}"; there are: ${NAMES.join(', ')}`;
    if (from !== undefined && (!Number.isInteger(from) || from < 1))
      return `--from must be a step from 1, not "${values.from}"`;
    if (from !== undefined && values.only === undefined) return '--from needs --only: each run counts its own steps';
    if (plane !== undefined && !isPlane(plane))
      return `there is no data plane "${plane}"; there are: ${Object.values(Plane).join(', ')}`;
    return { only: values.only, from, plane, isReportWanted: values.report };
  } catch (error) {
    return `${error instanceof Error ? error.message : error}; usage: npm run soak -- [--only <name>] [--plane <name>] [--from <step>] [--report]`;
  }
}

const isPlane = (text: string): text is Plane => text in Plane;

/** "0123abc", with a mark when the sources differ from it. */
function commit(): string {
  const git = (...words: string[]): string => execFileSync('git', words, { cwd: CHECKOUT, encoding: 'utf8' }).trim();
  try {
    const isChanged = git('status', '--porcelain', '--', 'src', 'soak', 'bench', 'simulation') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' with changes' : ''}`;
  } catch {
    return 'unknown';
  }
}

function machine() {
  const all = cpus();
  return {
    cores: all.length,
    model: all[0]?.model.trim() ?? 'unknown processor',
    memoryGB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    load: loadavg()[2] ?? 0,
  };
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(`the soak could not go on: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  },
);
