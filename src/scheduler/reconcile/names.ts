/** Names of instances: "job.group[index]". A freed index is used again, lowest first. */
import { allocName } from '../../model/allocation.ts';

export function freeNames(jobId: string, group: string, taken: ReadonlySet<string>, wanted: number): string[] {
  const names: string[] = [];
  for (let index = 0; names.length < wanted; index++) {
    const name = allocName(jobId, group, index);
    if (!taken.has(name)) names.push(name);
  }
  return names;
}
