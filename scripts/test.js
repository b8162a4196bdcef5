// npm test: format, lint, types, layers, unit and property tests, live tests. Quiet when green, readable when red.
// A live file that fails is run again alone and named (scripts/second-chance.js). One line at the end: N passed, N failed,
// N skipped.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesToRunAgain, outcomeOf } from './second-chance.js';
import { liveEnvironment } from './system-packages.js';

const bin = (name) => join('node_modules', '.bin', name);
const REPORTER = './scripts/test-report.js';
const scratch = mkdtempSync(join(tmpdir(), 'serin-test-'));
const startedAt = Date.now();
const totals = { passed: 0, failed: 0, skipped: 0 };

// The static checks and the system's packages share the cores with the unit tests; live tests wait for processes and run
// by themselves.
await Promise.all([
  provideSystem(),
  check('format and lint', bin('biome'), ['ci', '--error-on-warnings', '--colors=off', '.']),
  check('types', bin('tsc'), ['-p', '.']),
  check('types of the page', bin('tsc'), ['-p', 'ui']),
  check('layers', bin('depcruise'), ['src', 'ui', '--config', '.dependency-cruiser.cjs']),
  suite('unit'),
]);
// They wait more than they compute: one more than there are cores runs at a time.
await suite('live', [`--maxWorkers=${availableParallelism() + 1}`]);

rmSync(scratch, { recursive: true, force: true });
console.log(`took ${Math.round((Date.now() - startedAt) / 1000)} s`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;

/** Its words are told as they are: what is installed, and what is skipped. */
async function provideSystem() {
  const { code, output } = await run(process.execPath, ['scripts/system-packages.js']);
  if (output.trim() !== '') console.log(output.trim());
  if (code !== 0) totals.failed += 1;
}

async function check(name, command, args) {
  const { code, output } = await run(command, args);
  totals[code === 0 ? 'passed' : 'failed'] += 1;
  if (code !== 0) console.log(`\n✗ ${name}\n${output.trim()}\n`);
}

async function suite(project, options = []) {
  const first = await vitest(project, options);
  let again;
  const suspects = project === 'live' && first.report ? filesToRunAgain(first.report) : [];
  if (suspects.length > 0) again = await vitest(project, ['--maxWorkers=1', ...suspects]);

  const { passed, failed, skipped, lines } = first.report
    ? outcomeOf(first.report, again?.report)
    : { passed: 0, failed: 1, skipped: 0, lines: [] };
  totals.passed += passed;
  totals.skipped += skipped;
  // What ends badly without a report of what failed has failed all the same.
  const wordless = first.code !== 0 && failed === 0 && lines.length === 0;
  totals.failed += wordless ? 1 : failed;
  for (const line of lines) console.log(line);
  if (failed === 0 && !wordless) return;
  console.log(`\n✗ ${project} tests\n${first.output.trim()}\n`);
  if (again) console.log(`\n✗ ${project} tests, run again alone\n${again.output.trim()}\n`);
}

async function vitest(project, options) {
  const file = join(scratch, `${project}.json`);
  rmSync(file, { force: true });
  const args = ['run', '--project', project, '--passWithNoTests', '--reporter=default', `--reporter=${REPORTER}`];
  const ended = await run(bin('vitest'), [...args, ...options], { SERIN_TEST_REPORT: file });
  return { ...ended, report: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined };
}

function run(command, args, extra = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...liveEnvironment, ...extra, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 127, output: String(error) }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
