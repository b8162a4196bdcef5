/** The command line as a program of its own, for tests that need a real terminal; without `agent`. */
import { systemClock } from '../../lib/clock.ts';
import { runCli } from '../run-cli.ts';

process.exitCode = await runCli({
  words: process.argv.slice(2),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  signal: new AbortController().signal,
  version: '0.0.0',
  runAgent: async () => 1,
});
