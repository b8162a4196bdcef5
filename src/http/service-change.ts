/** An allocation whose node reports no services stands behind no name and no route: most of a million never do. */
import type { Allocation } from '../model/allocation.ts';
import type { Change } from '../state/types.ts';

export function hasServices({ before, after }: Change): boolean {
  const [was, is] = [before, after] as [Allocation | undefined, Allocation | undefined];
  return (is?.Services?.length ?? 0) > 0 || (was?.Services?.length ?? 0) > 0;
}
