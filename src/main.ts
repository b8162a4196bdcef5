/**
 * The entry of `serin`. Commands other than `agent` never load an agent's code: they answer within a few
 * tens of milliseconds because of it.
 */
import { readFileSync } from 'node:fs';
import { runCli } from './cli/run-cli.ts';
import { systemClock } from './lib/clock.ts';

// A reader that has seen enough (`serin status | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await runCli({
  words: process.argv.slice(2),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  signal: new AbortController().signal,
  version: readVersion(),
  runAgent,
});

async function runAgent(words: readonly string[]): Promise<number> {
  const { runAgentCommand } = await import('./agent/command.ts');
  return runAgentCommand(words, readVersion());
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
