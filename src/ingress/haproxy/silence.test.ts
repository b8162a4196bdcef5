import { expect, it } from 'vitest';
import { parseStat } from '../../lib/process-id.ts';
import { VirtualClock } from '../../lib/virtual-clock.ts';
import { Silence } from './silence.ts';

function world(state = 'S') {
  const clock = new VirtualClock();
  const heard: number[] = [];
  const states = new Map([[7, state]]);
  const silence = new Silence({
    clock,
    onSilent: (silent) => heard.push(...silent.map(({ pid }) => pid)),
    find: (pid) => parseStat(`${pid} (haproxy) ${states.get(pid)} 1 ${'1 '.repeat(30)}`),
  });
  return { clock, heard, states, silence };
}

it('who does not answer for three seconds is silent until it does', async () => {
  const { clock, heard, silence } = world();
  let answer = (_: string): void => {};
  const asked = silence.of(7, new Promise<string>((resolve) => (answer = resolve)));
  await clock.advance(2900);
  expect(heard).toEqual([]);
  await clock.advance(300);
  expect(heard).toEqual([7, 7, 7]);
  answer('here');
  expect(await asked).toBe('here');
  await clock.advance(5000);
  expect(heard).toHaveLength(3);
});

it('who is stopped is not waited for so long', async () => {
  const { clock, heard, silence } = world('T');
  void silence.of(7, new Promise(() => {}));
  await clock.advance(200);
  expect(heard).toEqual([7]);
});

it('a question that failed is no answer, and who has ended owes none', async () => {
  const { clock, heard, states, silence } = world();
  const refused = () => expect(silence.of(7, Promise.reject(new Error('no answer')))).rejects.toThrow();
  await refused();
  await clock.advance(2500);
  await refused();
  await clock.advance(600);
  expect(heard).toEqual([7, 7]);
  states.set(7, 'Z');
  await clock.advance(1000);
  expect(heard).toHaveLength(2);
});
