/** The allocation that a command is to look into, and the task of it: as they were named, or the only ones that can be meant. */
import type { AllocStub } from '../api/views.ts';
import { type CommandContext, UsageError } from './command.ts';
import { explaining } from './explaining.ts';
import type { Flags } from './flags.ts';
import { findAllocation, findJob } from './lookup.ts';

/** With -job the word is a job's. */
export async function chosenAllocation(context: CommandContext, word: string, flags: Flags): Promise<string> {
  if (!flags.is('job')) return findAllocation(context, word);
  const job = await findJob(context, word);
  const { data } = await explaining('Error querying allocations', context.client.jobs.allocations(job.ID));
  const best = [...data].sort(byUse)[0];
  if (!best) throw new UsageError(`Job "${job.ID}" has no allocation`);
  return best.ID;
}

/** What runs before what does not, the newest first. */
const byUse = (a: AllocStub, b: AllocStub): number =>
  Number(isRunning(b)) - Number(isRunning(a)) || b.CreateIndex - a.CreateIndex;

const isRunning = ({ ClientStatus }: AllocStub): boolean => ClientStatus === 'running';

/** For who named none. */
export async function onlyTask(context: CommandContext, id: string): Promise<string> {
  const { data: alloc } = await explaining('Error querying allocation', context.client.allocations.read(id));
  const group = alloc.Job?.TaskGroups.find(({ Name }) => Name === alloc.TaskGroup);
  const names = group?.Tasks.map(({ Name }) => Name) ?? Object.keys(alloc.TaskStates ?? {});
  if (names.length === 1) return names[0]!;
  const list = names.map((name) => `  * ${name}`).join('\n');
  throw new UsageError(
    `Allocation "${id.slice(0, 8)}" is running the following tasks:\n${list}\n\nPlease specify the task.`,
  );
}
