import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../lib/virtual-clock.ts';
import { goldenAlloc, goldenJob, goldenNode, seed, type TestApi, testApi } from '../fixture.ts';

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
});
afterEach(() => api.app.close());

interface Line {
  readonly Index?: number;
  readonly Events?: readonly {
    readonly Topic: string;
    readonly Type: string;
    readonly Key: string;
    readonly FilterKeys: string[] | null;
    readonly Payload: Record<string, Record<string, unknown>>;
  }[];
}

/** Lets the stream run while `act` does something, then ends it. */
async function linesOf(url: string, act: () => Promise<unknown> = async () => {}): Promise<Line[]> {
  const reply = api.get(url);
  await idle();
  await api.clock.advance(100);
  await act();
  await idle();
  await api.app.close();
  const { body } = await reply;
  return body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

async function idle(): Promise<void> {
  for (let i = 0; i < 20; i++) await settle();
}

const namesOf = (lines: readonly Line[]) =>
  lines.map((line) => (line.Events ?? []).map(({ Topic, Type, Key }) => `${Topic} ${Type} ${Key}`));

describe('the event stream', () => {
  it('begins with what comes after the call, in the types of the wire', async () => {
    const lines = await linesOf('/v1/event/stream', () => seed(api.state));
    const { ID, EvalID } = goldenAlloc();
    expect(lines[0]).toEqual({});
    expect(namesOf(lines.slice(1)).map((names) => names.sort())).toEqual([
      [`Node NodeRegistration ${goldenNode().ID}`],
      [expect.stringContaining('Evaluation JobRegistered '), 'Job JobRegistered web'],
      ['Job JobRegistered web'],
      [`Allocation PlanResult ${ID}`, expect.stringContaining('Deployment PlanResult ')],
    ]);
    expect(EvalID).not.toBe('');
  });

  it('begins at an index of the past where that is asked for', async () => {
    await seed(api.state);
    const lines = await linesOf('/v1/event/stream?index=3');
    expect(lines.map((line) => line.Index)).toEqual([undefined, 3, 4]);
  });

  it('shows only the topics and keys that are asked for', async () => {
    const lines = await linesOf('/v1/event/stream?topic=Node&topic=Allocation:web', () => seed(api.state));
    expect(namesOf(lines.slice(1))).toEqual([
      [`Node NodeRegistration ${goldenNode().ID}`],
      [`Allocation PlanResult ${goldenAlloc().ID}`],
    ]);
  });

  it('shows an allocation without its job, and a node without its secret', async () => {
    const lines = await linesOf('/v1/event/stream', () => seed(api.state));
    const events = lines.flatMap((line) => line.Events ?? []);
    const allocation = events.find((event) => event.Topic === 'Allocation');
    expect(allocation?.FilterKeys).toEqual(['web', goldenAlloc().DeploymentID]);
    expect(allocation?.Payload.Allocation).toMatchObject({ ID: goldenAlloc().ID });
    expect(allocation?.Payload.Allocation).not.toHaveProperty('Job');
    expect(JSON.stringify(events)).not.toContain(goldenNode().SecretID);
  });

  it('tells a report of the node from a plan, and a stop from a registration', async () => {
    await seed(api.state);
    const lines = await linesOf('/v1/event/stream', async () => {
      await api.state.update((tx) => tx.putAlloc(goldenAlloc({ ClientStatus: 'failed' })));
      await api.state.update((tx) => tx.putJob({ ...goldenJob(), Stop: true, Version: 7 }));
    });
    expect(namesOf(lines.slice(1))).toEqual([
      [`Allocation AllocationUpdated ${goldenAlloc().ID}`],
      ['Job JobDeregistered web'],
    ]);
  });

  it('beats while nothing happens', async () => {
    const lines = await linesOf('/v1/event/stream', async () => {
      await api.clock.advance(10_000);
      await api.clock.advance(10_000);
    });
    expect(lines).toEqual([{}, {}, {}]);
  });

  it('of an unknown topic says which there are', async () => {
    const reply = await api.get('/v1/event/stream?topic=Jbo');
    expect([reply.status, reply.body]).toEqual([
      400,
      'The topic "Jbo" is unknown; it is * or one of Job, Evaluation, Allocation, Deployment, Node.',
    ]);
  });
});
