/**
 * Time, randomness and ids are parameters everywhere below `agent/`: the simulation runs the same code on a virtual
 * clock and repeats itself by its seed. One forgotten `Date.now()` and a failing seed is no longer replayed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SOURCE = fileURLToPath(new URL('.', import.meta.url));

const REAL = [
  /\bDate\.now\(/,
  /\bnew Date\(\)/,
  /\bperformance\.now\(/,
  /\bsetTimeout\(/,
  /\bsetInterval\(/,
  /timers\/promises/,
  /\bMath\.random\(/,
  /\brandomUUID\(/,
  /\brandom(Bytes|Fill|FillSync)\(/,
  /\bgetRandomValues\(/,
  /AbortSignal\.timeout\(/,
];

/** The composition root, what runs in a person's terminal, and tests with real processes. */
const OUTSIDE = [/^agent\//, /^cli\//, /^main\.ts$/, /\/testing\//, /^ingress\/contract\//, /\.live\.test\.ts$/];

/** Files that may, each with its reason. */
const ALLOWED: Readonly<Record<string, string>> = {
  'lib/clock.ts': 'the system clock itself',
  'lib/ids.ts': 'the real maker of ids itself',
  'drivers/contract-attached.ts': 'waits for real processes in live tests',
  'ingress/haproxy/runtime-api.ts': 'a socket of a real HAProxy that does not answer is given up',
  'node/consul/consul-sync.ts': 'a request to a real Consul ends in time',
  'ingress/http-control-plane.ts': 'a request over a real socket ends in time; the simulation has its own twin',
  'node/http-server-connection.ts': 'a request over a real socket ends in time; the simulation has its own twin',
  'real-time.test.ts': 'names what it looks for',
  'ingress/embedded/live-rig.ts': 'waits for real processes in live tests',
  'state/storage/kill-rounds.ts': 'kills real processes in live tests',
  'state/storage/full-child.ts': 'a process of a live test',
};

function uses(): string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !OUTSIDE.some((pattern) => pattern.test(file)))
    .filter((file) => {
      const text = readFileSync(join(SOURCE, file), 'utf8');
      return REAL.some((pattern) => pattern.test(text));
    })
    .sort();
}

it('below agent/ nobody asks the real clock, rolls real dice or makes an id', () => {
  expect(uses()).toEqual(Object.keys(ALLOWED).sort());
});
