/** Seeds 0 to 499 of the thousand that every test run plays; two files, so that they share the cores. */
import { expect, it } from 'vitest';
import { runScenario } from './scenario.ts';

const FIRST = 0;
const COUNT = 500;
const CHUNK = 50;

it.each(Array.from({ length: COUNT / CHUNK }, (_, at) => FIRST + at * CHUNK))(
  'rolling updates keep every law from seed %i on',
  async (from) => {
    for (let seed = from; seed < from + CHUNK; seed++) {
      const { violations, events } = await runScenario(String(seed));
      expect(violations, `npm run simulate -- --seed ${seed} --trace\n${events.join('\n')}`).toEqual([]);
    }
  },
  120_000,
);
