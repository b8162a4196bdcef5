/** Functions on sets: lists whose order and repetitions mean nothing. */
import { list } from '../arguments.ts';
import { define, type PureFunction } from '../function-table.ts';
import { uniqueSorted } from '../type-constraint.ts';
import { isEqual, type Value } from '../value.ts';

export const setFunctions: Readonly<Record<string, PureFunction>> = {
  setintersection: define('set, sets...', (args, spend) => {
    spendSquare(args, spend);
    return uniqueSorted(list(args, 0).filter((value) => args.every((_, at) => has(list(args, at), value))));
  }),
  setsubtract: define('set, unwanted', (args, spend) => {
    spendSquare(args, spend);
    return uniqueSorted(list(args, 0).filter((value) => !has(list(args, 1), value)));
  }),
  setunion: define('set, sets...', (args, spend) => {
    spendSquare(args, spend);
    return uniqueSorted(args.flatMap((_, at) => list(args, at)));
  }),
  setproduct: define('set, sets...', (args, spend) => {
    const lists = args.map((_, at) => list(args, at));
    spend(lists.reduce((product, each) => product * each.length, args.length));
    return lists.reduce<Value[][]>((rows, each) => rows.flatMap((row) => each.map((value) => [...row, value])), [[]]);
  }),
};

/** Every item is compared with every other one. */
function spendSquare(args: readonly Value[], spend: (amount: number) => void): void {
  const items = args.reduce<number>((total, _, at) => total + list(args, at).length, 0);
  spend(items ** 2 / 1000);
}

const has = (set: readonly Value[], value: Value): boolean => set.some((each) => isEqual(each, value));
