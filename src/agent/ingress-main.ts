/** The program of an ingress process: an agent starts it, and it outlives that agent. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runIngressProcess } from '../ingress/process.ts';
import { messageOf } from '../lib/errors.ts';
import { createLog } from './log.ts';

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    server: { type: 'string' },
    bind: { type: 'string' },
    name: { type: 'string' },
    'token-file': { type: 'string' },
    'log-level': { type: 'string', default: 'info' },
  },
});

const log = createLog({ level: values['log-level'], json: false });
const stop = new AbortController();
// An interrupt at the agent's terminal is the agent's: it says when the ingress shall end.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.once('SIGTERM', () => stop.abort());

try {
  await runIngressProcess(
    {
      dataDir: required('data-dir'),
      serverUrl: required('server'),
      bindAddress: values.bind ?? '127.0.0.1',
      name: required('name'),
      log,
      ...(values['token-file'] !== undefined && { token: readFileSync(values['token-file'], 'utf8').trim() }),
    },
    stop.signal,
  );
  process.exit(0);
} catch (error) {
  log.error({ error: messageOf(error) }, 'ingress cannot go on');
  process.exit(1);
}

function required(name: 'data-dir' | 'server' | 'name'): string {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}
