/** The last looks of a check as one small mark each, from the runs of equal results that its node keeps: pure. */
import type { AllocCheckResult } from '../../src/model/allocation.ts';
import { counted } from '../kit/words.ts';

export interface Mark {
  /** Of the run, and of the look in it. */
  readonly key: string;
  readonly result: AllocCheckResult['Result'];
}

export const MOST_MARKS = 40;

/** The newest last. */
export function marksOf(history: readonly AllocCheckResult[]): readonly Mark[] {
  return history
    .flatMap(({ Result: result, Count, FirstMs }) => {
      // Of a run of a million only those are made that could be shown.
      const made = Math.min(Count, MOST_MARKS);
      return Array.from({ length: made }, (_, at) => ({ key: `${FirstMs} ${Count - made + at}`, result }));
    })
    .slice(-MOST_MARKS);
}

/** "the last 12 looks, oldest first: 2 critical, 10 passing". */
export function marksWords(marks: readonly Mark[]): string {
  const runs: { result: string; count: number }[] = [];
  for (const { result } of marks) {
    const last = runs.at(-1);
    if (last?.result === result) last.count += 1;
    else runs.push({ result, count: 1 });
  }
  const words = runs.map(({ result, count }) => `${count} ${result}`).join(', ');
  return `the last ${counted(marks.length, 'look')}, oldest first: ${words}`;
}
