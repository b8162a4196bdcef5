/** The program of an ingress process: an agent starts it, and it outlives that agent. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runIngressProcess } from '../ingress/process.ts';
import { DEFAULT_SETTINGS, type IngressSettings } from '../ingress/settings.ts';
import { messageOf } from '../lib/errors.ts';
import { createLog } from './log.ts';
import { loadTls } from './tls.ts';

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    server: { type: 'string' },
    bind: { type: 'string' },
    name: { type: 'string' },
    'token-file': { type: 'string' },
    'ca-file': { type: 'string', default: '' },
    'cert-file': { type: 'string', default: '' },
    'key-file': { type: 'string', default: '' },
    settings: { type: 'string', default: '{}' },
    'log-level': { type: 'string', default: 'info' },
    standby: { type: 'boolean', default: false },
  },
});

const tls = { caFile: values['ca-file'], certFile: values['cert-file'], keyFile: values['key-file'] };
const log = createLog({ level: values['log-level'], json: false });
const stop = new AbortController();
// An interrupt at the agent's terminal is the agent's: it says when the ingress shall end.
process.on('SIGINT', () => {});
// What the agent sends when the token has changed; from a terminal that closes it means nothing.
process.on('SIGHUP', () => readToken());
process.once('SIGTERM', () => stop.abort());

let token = '';

if (values.standby && !(await isCalled())) process.exit(0);
try {
  readToken();
  await runIngressProcess(
    {
      dataDir: required('data-dir'),
      serverUrl: required('server'),
      bindAddress: values.bind ?? '127.0.0.1',
      name: required('name'),
      settings: { ...DEFAULT_SETTINGS, ...(JSON.parse(values.settings) as Partial<IngressSettings>) },
      log,
      ...(values['token-file'] !== undefined && { token: () => token }),
      ...(tls.caFile + tls.certFile !== '' && { tls: loadTls(tls) }),
    },
    stop.signal,
  );
  process.exit(0);
} catch (error) {
  log.error({ error: messageOf(error) }, 'ingress cannot go on');
  process.exit(1);
}

/** Whether this process, loaded, is to serve now that another one has died; not where the agent has ended before. */
function isCalled(): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdin.once('data', () => {
      process.stdin.destroy();
      resolve(true);
    });
    process.stdin.once('close', () => resolve(false));
    process.stdin.resume();
  });
}

/** A file that cannot be read now leaves the token as it was. */
function readToken(): void {
  const file = values['token-file'];
  if (file === undefined) return;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (error) {
    log.error({ file, error: messageOf(error) }, 'the token file cannot be read');
  }
}

function required(name: 'data-dir' | 'server' | 'name'): string {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}
