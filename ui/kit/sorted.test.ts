import { expect, it } from 'vitest';
import { sortRows } from './sorted.ts';

const row = (id: string, count: number) => ({ id, count });
const rowKey = ({ id }: { readonly id: string }) => id;

it('sorts names as one counts, and numbers, both ways', () => {
  const rows = [row('web-10', 1), row('web-9', 3), row('db', 2)];
  const ids = (by: 'id' | 'count', isDescending: boolean) =>
    sortRows(rows, { key: (each) => each[by], isDescending, rowKey }, []).map(rowKey);
  expect(ids('id', false)).toEqual(['db', 'web-9', 'web-10']);
  expect(ids('count', true)).toEqual(['web-9', 'db', 'web-10']);
});

it('finds the same order from what was sorted before, without the rows that left and with those that came', () => {
  const by = { key: rowKey, isDescending: false, rowKey };
  const before = [row('a', 1), row('b', 1), row('c', 1), row('d', 1)];
  const next = [row('d', 1), row('b', 7), row('aa', 1), row('c', 1)];
  expect(sortRows(next, by, before)).toEqual([row('aa', 1), row('b', 7), row('c', 1), row('d', 1)]);
});

it('compares little where little has changed', () => {
  const rows = Array.from({ length: 2_000 }, (_, at) => row(`web-${at}`, 0));
  let compared = 0;
  const counting = (id: string) => {
    compared += 1;
    return id;
  };
  const key = ({ id }: { readonly id: string }) => ({ toString: () => counting(id) }) as unknown as string;
  const changed = rows.toReversed().map((each) => (each.id === 'web-7' ? row('web-7', 9) : each));
  sortRows(changed, { key, isDescending: false, rowKey }, rows);
  expect(compared).toBeLessThan(3 * rows.length);
});
