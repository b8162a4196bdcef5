import { describe, expect, it } from 'vitest';
import { describeFailure, Explanation, explain, type Failure, type Outage } from './failures.ts';

const KILLED: Outage = { host: '127.0.0.1', how: 'killed', fromMs: 1000, notYetMs: 1195, backMs: 1200 };
const FROZEN: Outage = { host: '127.0.0.1', how: 'frozen', fromMs: 1000, notYetMs: 1500, backMs: 1500 };

const failed = (what: string, openedMs: number, startedMs: number, endedMs: number): Failure => ({
  kind: 'keep-alive',
  what,
  startedMs,
  endedMs,
  connection: { host: '127.0.0.1', openedMs, localPort: what.includes('REFUSED') ? undefined : 40_000 },
});

describe('a failed request is explained by an outage', () => {
  it.each([
    [
      'on the process that was killed and takes a moment to die',
      failed('ECONNRESET', 500, 1210, 1220),
      [KILLED],
      Explanation.openThere,
    ],
    [
      'on a connection that somebody took who only looked whether the port was free',
      failed('ECONNRESET', 1100, 1100, 1150),
      [KILLED],
      Explanation.nobodyListened,
    ],
    ['open on the process that was killed', failed('ECONNRESET', 500, 990, 1001), [KILLED], Explanation.openThere],
    ['refused while nobody listened', failed('ECONNREFUSED', 1100, 1100, 1101), [KILLED], Explanation.nobodyListened],
    [
      'in the queue of a process that is frozen',
      failed('ECONNRESET', 1100, 1100, 1501),
      [FROZEN],
      Explanation.openThere,
    ],
    [
      'by the second of two outages',
      failed('ECONNREFUSED', 1100, 1100, 1101),
      [{ ...KILLED, fromMs: 0, notYetMs: 10, backMs: 20 }, KILLED],
      Explanation.nobodyListened,
    ],
    [
      'while nobody has come back yet',
      failed('ECONNREFUSED', 1100, 1100, 1101),
      [{ ...KILLED, notYetMs: Infinity, backMs: Infinity }],
      Explanation.nobodyListened,
    ],
  ] as const)('%s', (_, failure, outages, expected) => {
    expect(explain(failure, outages)).toBe(expected);
  });
});

describe('nothing explains', () => {
  it.each([
    ['a failure where there was no outage', failed('ECONNRESET', 500, 990, 1001), []],
    ['a failure before the outage', failed('ECONNRESET', 500, 900, 950), [KILLED]],
    ['a reset of a connection to the next process', failed('ECONNRESET', 1198, 1198, 1210), [KILLED]],
    ['a refusal before the signal', failed('ECONNREFUSED', 990, 990, 1001), [KILLED]],
    ['a refusal by a process that is frozen: it listens', failed('ECONNREFUSED', 1100, 1100, 1101), [FROZEN]],
    ['a failure at another ingress', failed('ECONNRESET', 500, 990, 1001), [{ ...KILLED, host: '127.0.0.4' }]],
    ['a request that was sent after the process went on', failed('ECONNRESET', 500, 1600, 1610), [FROZEN]],
  ] as const)('%s', (_, failure, outages) => {
    expect(explain(failure, outages)).toBeUndefined();
  });
});

it('a failure is told with its connection', () => {
  expect(describeFailure(failed('ECONNRESET', 500, 990, 1001))).toBe(
    'keep-alive: ECONNRESET, 11 ms after it was sent on the connection from port 40000 to 127.0.0.1, opened 490 ms before',
  );
});
