/** Looks at an instance, one after the other, on a virtual clock. */
import { expect, it } from 'vitest';
import { VirtualClock } from '../lib/virtual-clock.ts';
import { runCheck } from './check-runner.ts';
import {
  type CheckGrade,
  type CheckResult,
  type CheckRules,
  type CheckState,
  initialCheckState,
} from './check-state.ts';

const RULES: CheckRules = {
  SuccessBeforePassing: 0,
  FailuresBeforeCritical: 0,
  InitialStatus: '',
  OnUpdate: 'require_healthy',
};
const RESPONSE = { Status: 200, ContentType: 'text/plain', Body: 'ready' };

const resultOf = (found: CheckGrade | 'ignored'): CheckResult =>
  found === 'ignored'
    ? { grade: 'critical', output: '', isIgnored: true }
    : { grade: found, output: '', response: RESPONSE };

/** Looks for a minute; what is found is told one after the other, the last of it for ever. */
async function look(
  rules: CheckRules,
  found: readonly (CheckGrade | 'ignored')[],
  saved?: CheckState,
  initialDelayMs = 0,
) {
  const clock = new VirtualClock();
  const end = new AbortController();
  const states: CheckState[] = [];
  let looks = 0;
  const running = runCheck(
    {
      clock,
      rules,
      intervalMs: 1000,
      state: saved ?? initialCheckState(rules, clock.nowMs()),
      initialDelayMs,
      probe: async () => resultOf(found[Math.min(looks++, found.length - 1)]!),
      onResult: (state) => states.push(state),
    },
    end.signal,
  );
  await clock.advance(60_000);
  end.abort();
  await running;
  return { looks, states };
}

it('a check is made again and again, and its times are kept', async () => {
  const { looks, states } = await look(RULES, ['passing', 'critical', 'critical', 'passing']);
  expect(looks).toBeGreaterThan(50);
  expect(states[2]).toMatchObject({ failures: 2, firstPassMs: states[0]!.timestampMs });
  expect(states[2]).toMatchObject({ lastPassMs: states[0]!.timestampMs, lastFailMs: states[2]!.timestampMs });
  expect(states.at(-1)).toMatchObject({ failures: 0, lastFailMs: states[2]!.timestampMs });
  expect(states.at(-1)).not.toHaveProperty('response');
});

it('one that says when an instance is ready ends when it has said so, with what it was answered', async () => {
  const { looks, states } = await look({ ...RULES, Readiness: true }, ['critical', 'critical', 'passing', 'critical']);
  expect(looks).toBe(3);
  expect(states.map(({ status }) => status)).toEqual(['critical', 'critical', 'passing']);
  expect(states.at(-1)?.response).toEqual(RESPONSE);
});

it('and is not made again by an agent that comes back', async () => {
  const { states } = await look({ ...RULES, Readiness: true }, ['passing']);
  expect((await look({ ...RULES, Readiness: true }, ['critical'], states[0])).looks).toBe(0);
});

it('one with a delay looks for the first time when that is over', async () => {
  expect((await look(RULES, ['passing'], undefined, 59_500)).looks).toBe(1);
  expect((await look(RULES, ['passing'], undefined, 61_000)).looks).toBe(0);
});

it('and does not wait again under an agent that comes back', async () => {
  const { states } = await look(RULES, ['passing']);
  expect((await look(RULES, ['passing'], states[0], 61_000)).looks).toBeGreaterThan(50);
});

it('what says nothing is neither a success nor a failure', async () => {
  const { states } = await look(RULES, ['ignored', 'passing', 'ignored', 'ignored', 'critical']);
  expect(states.slice(0, 2).map(({ status, failures }) => [status, failures])).toEqual([
    ['passing', 0],
    ['critical', 1],
  ]);
});
