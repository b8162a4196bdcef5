/** Which evaluation comes next, and when. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../lib/random.ts';
import { settle, VirtualClock } from '../lib/virtual-clock.ts';
import type { Evaluation } from '../model/evaluation.ts';
import { newEvaluation } from '../scheduler/fixtures.ts';
import { EvalBroker } from './eval-broker.ts';

const never = new AbortController().signal;

function setUp() {
  const clock = new VirtualClock(1_000_000);
  return { clock, broker: new EvalBroker({ clock, random: seededRandom('broker') }) };
}

/** "api#1": the evaluation of a job. */
function evaluationOf(name: string, fields: Partial<Evaluation> = {}): Evaluation {
  const job = { ID: name.split('#')[0]!, Namespace: 'default', Type: 'service' as const };
  return newEvaluation(job, { ID: name, CreateIndex: Number(name.split('#')[1] ?? 0), ...fields });
}

/** Those that can be had now, in their order; none of them is given back. */
async function takeAll(broker: EvalBroker): Promise<string[]> {
  const end = new AbortController();
  const taken: string[] = [];
  const taking = (async () => {
    for (let next = await broker.dequeue(end.signal); next; next = await broker.dequeue(end.signal))
      taken.push(next.ID);
  })();
  await settle();
  end.abort();
  await taking;
  return taken;
}

describe('the order', () => {
  it('is priority first, then age', async () => {
    const { broker } = setUp();
    broker.enqueue(evaluationOf('late#9'));
    broker.enqueue(evaluationOf('low#1', { Priority: 10 }));
    broker.enqueue(evaluationOf('early#2'));
    broker.enqueue(evaluationOf('urgent#12', { Priority: 90 }));
    expect(await takeAll(broker)).toEqual(['urgent#12', 'early#2', 'late#9', 'low#1']);
  });

  it('gives one evaluation per job at a time, and the next one when it is done', async () => {
    const { broker } = setUp();
    const [first, second] = [evaluationOf('api#1'), evaluationOf('api#2')];
    for (const evaluation of [first, second, evaluationOf('web#3')]) broker.enqueue(evaluation);
    expect(await takeAll(broker)).toEqual(['api#1', 'web#3']);
    expect(broker.stats()).toEqual({ ready: 1, waiting: 0, busy: 2 });
    broker.ack(first);
    expect(await takeAll(broker)).toEqual(['api#2']);
  });

  it('keeps jobs of one name in two namespaces apart', async () => {
    const { broker } = setUp();
    broker.enqueue(evaluationOf('api#1'));
    broker.enqueue(evaluationOf('api#2', { Namespace: 'staging' }));
    expect(await takeAll(broker)).toEqual(['api#1', 'api#2']);
  });
});

describe('an evaluation', () => {
  it('that it holds already is ignored, until it is done', async () => {
    const { broker } = setUp();
    const evaluation = evaluationOf('api#1');
    broker.enqueue(evaluation);
    broker.enqueue(evaluation);
    expect(await takeAll(broker)).toEqual(['api#1']);
    broker.enqueue(evaluation);
    broker.ack(evaluation);
    expect(await takeAll(broker)).toEqual([]);
    broker.enqueue(evaluation);
    expect(await takeAll(broker)).toEqual(['api#1']);
  });

  it('wakes the one that waits for it', async () => {
    const { broker } = setUp();
    const next = broker.dequeue(never);
    await settle();
    broker.enqueue(evaluationOf('api#1'));
    expect((await next)?.ID).toBe('api#1');
  });

  it('that must wait comes when its time has come, not before', async () => {
    const { broker, clock } = setUp();
    broker.enqueue(evaluationOf('api#1', { WaitUntilMs: clock.nowMs() + 5000 }));
    expect(broker.stats()).toMatchObject({ ready: 0, waiting: 1 });
    await clock.advance(4999);
    expect(await takeAll(broker)).toEqual([]);
    await clock.advance(1);
    expect(await takeAll(broker)).toEqual(['api#1']);
  });

  it('whose time is past comes at once', async () => {
    const { broker, clock } = setUp();
    broker.enqueue(evaluationOf('api#1', { WaitUntilMs: clock.nowMs() - 1 }));
    expect(await takeAll(broker)).toEqual(['api#1']);
  });

  it('that was removed does not come, whether it was ready or waited', async () => {
    const { broker, clock } = setUp();
    broker.enqueue(evaluationOf('ready#1'));
    broker.enqueue(evaluationOf('waits#2', { WaitUntilMs: clock.nowMs() + 1000 }));
    broker.remove('ready#1');
    broker.remove('waits#2');
    broker.remove('never-heard-of');
    await clock.advance(2000);
    expect(await takeAll(broker)).toEqual([]);
    expect(broker.stats()).toEqual({ ready: 0, waiting: 0, busy: 0 });
  });
});

describe('a failed evaluation', () => {
  it('comes again after a backoff that grows up to 20 s, and starts anew once it is done', async () => {
    const { broker, clock } = setUp();
    const evaluation = evaluationOf('api#1');
    broker.enqueue(evaluation);
    const delays: number[] = [];
    for (let attempt = 0; attempt < 12; attempt++) {
      expect(await takeAll(broker)).toEqual(['api#1']);
      const delayMs = broker.nack(evaluation);
      delays.push(delayMs);
      expect(await takeAll(broker), 'not before its time').toEqual([]);
      await clock.advance(delayMs);
    }
    for (const [attempt, delayMs] of delays.entries()) {
      const most = Math.min(20_000, 100 * 2 ** attempt);
      expect(delayMs).toBeGreaterThanOrEqual(most / 2);
      expect(delayMs).toBeLessThanOrEqual(most);
    }
    await takeAll(broker);
    broker.ack(evaluation);
    broker.enqueue(evaluation);
    await takeAll(broker);
    expect(broker.nack(evaluation)).toBeLessThanOrEqual(100);
  });

  it('lets the next one of its job go first', async () => {
    const { broker } = setUp();
    const first = evaluationOf('api#1');
    broker.enqueue(first);
    broker.enqueue(evaluationOf('api#2'));
    expect(await takeAll(broker)).toEqual(['api#1']);
    broker.nack(first);
    expect(await takeAll(broker)).toEqual(['api#2']);
  });
});

describe('stopping', () => {
  it('ends whoever waits, and leaves no timer behind', async () => {
    const { broker, clock } = setUp();
    const end = new AbortController();
    const next = broker.dequeue(end.signal);
    broker.enqueue(evaluationOf('api#1', { WaitUntilMs: clock.nowMs() + 1000 }));
    end.abort();
    expect(await next).toBeUndefined();
    broker.stop();
    expect(clock.nextMs()).toBeUndefined();
  });
});
