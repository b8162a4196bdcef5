// What a run of the tests says to scripts/test.js: every file with its tests, and the first line of each failure, where
// a hook broke, a file did not load or an error was thrown outside of any test too. Vitest's own JSON names no hook and
// no such error. Where it is written: SERIN_TEST_REPORT.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export default class TestReport {
  onTestRunEnd(modules, unhandled) {
    writeFileSync(process.env.SERIN_TEST_REPORT, JSON.stringify(reportOf(modules, unhandled)));
  }
}

function reportOf(modules, unhandled) {
  const files = modules.map((module) => {
    const strays = unhandled.filter((error) => error.VITEST_TEST_PATH === module.moduleId);
    return {
      file: relative(process.cwd(), module.moduleId),
      tests: [...module.children.allTests()].map((test) => ({ name: test.fullName, state: test.result().state })),
      failures: [
        ...module.errors().map((error) => failure('the file', error)),
        ...[...module.children.allSuites()].flatMap((suite) => suite.errors().map((e) => failure(suite.fullName, e))),
        ...[...module.children.allTests()].flatMap(failuresOf),
        ...strays.map((error) => failure(error.VITEST_TEST_NAME ?? 'the file', error)),
      ],
    };
  });
  const known = new Set(modules.map((module) => module.moduleId));
  return { files, strays: unhandled.filter((error) => !known.has(error.VITEST_TEST_PATH)).map(firstLine) };
}

const failuresOf = (test) => (test.result().errors ?? []).map((error) => failure(test.fullName, error));

const failure = (name, error) => ({ name, line: firstLine(error) });

const firstLine = (error) =>
  stripVTControlCharacters(String(error.message ?? error))
    .trim()
    .split('\n', 1)[0];
