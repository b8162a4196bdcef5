// npm test: format, lint, types, layers, unit and property tests, live tests. Quiet when green, readable when red.
// One line at the end: N passed, N failed, N skipped.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemPackages } from './system-packages.js';

const bin = (name) => join('node_modules', '.bin', name);
const scratch = mkdtempSync(join(tmpdir(), 'serin-test-'));
const startedAt = Date.now();
const totals = { passed: 0, failed: 0, skipped: 0 };

const { environment, notes } = await systemPackages();
for (const note of notes) console.log(note);

// The static checks share the cores with the unit tests; live tests measure time and run by themselves.
await Promise.all([
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

async function check(name, command, args) {
  const { code, output } = await run(command, args);
  totals[code === 0 ? 'passed' : 'failed'] += 1;
  if (code !== 0) console.log(`\n✗ ${name}\n${output.trim()}\n`);
}

async function suite(project, options = []) {
  const report = join(scratch, `${project}.json`);
  const args = [
    'run',
    '--project',
    project,
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...options,
  ];
  const { code, output } = await run(bin('vitest'), args);
  const counted = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  totals.passed += counted?.numPassedTests ?? 0;
  totals.skipped += (counted?.numPendingTests ?? 0) + (counted?.numTodoTests ?? 0);
  // A file that does not load, or an error outside a test, fails no test: it must still count.
  totals.failed += Math.max(counted?.numFailedTests ?? 0, code === 0 ? 0 : 1);
  if (code !== 0) console.log(`\n✗ ${project} tests\n${output.trim()}\n`);
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...environment, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 127, output: String(error) }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
