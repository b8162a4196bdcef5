// Live tests start real processes beside each other, and a busy machine can be too slow for one of them. A live file that
// fails is run once more, alone. What passes then is passed, and named; what fails again has failed. Nothing is hidden:
// every such test is a line of the output, and many at once are no accident. Unit tests measure nothing and get none.

/** More failing files than these at once are a failure of the change, whatever they say alone. */
export const MOST_FILES = 5;

/** The files of a report that are run again; none when too many failed. */
export function filesToRunAgain(report) {
  const failed = report.files.filter(hasFailed).map(({ file }) => file);
  return failed.length > MOST_FILES ? [] : failed;
}

/** What counts in the end. `lines` name what passed only alone; `failed` holds what failed without being a test, too. */
export function outcomeOf(report, again = { files: [], strays: [] }) {
  const files = report.files.map((first) => settle(first, secondOf(first, again)));
  return {
    passed: count(files, 'passed'),
    failed: files.reduce((sum, file) => sum + failedIn(file), 0) + report.strays.length + again.strays.length,
    skipped: count(files, 'skipped'),
    lines: files.flatMap(({ lines }) => lines),
  };
}

const hasFailed = ({ failures }) => failures.length > 0;

const secondOf = (first, again) => (hasFailed(first) ? again.files.find(({ file }) => file === first.file) : undefined);

function settle(first, second) {
  if (second === undefined) return { ...first, lines: [] };
  if (hasFailed(second)) return { ...second, lines: [] };
  if (!first.tests.filter(({ state }) => state === 'failed').every(({ name }) => hasPassed(second, name))) {
    return { ...first, lines: [] };
  }
  return { ...second, lines: first.failures.map((failure) => passedOnlyAlone(first.file, failure)) };
}

function hasPassed({ tests }, name) {
  const called = tests.filter((test) => test.name === name);
  return called.length > 0 && called.every(({ state }) => state === 'passed');
}

const passedOnlyAlone = (file, { name, line }) => `passed only alone: ${file}: ${name}: ${line}`;

/** A file whose hook broke, or that did not load, may have no test that failed: it still counts. */
const failedIn = (file) => Math.max(count([file], 'failed'), hasFailed(file) ? 1 : 0);

const count = (files, state) => files.flatMap(({ tests }) => tests).filter((test) => test.state === state).length;
