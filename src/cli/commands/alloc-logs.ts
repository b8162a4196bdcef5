/** `alloc logs`: a task's output, all of it, its end, or as it comes. */
import type { LogQuery } from '../../api/workloads.ts';
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import type { Flags } from '../flags.ts';
import { followLogs } from '../follow-logs.ts';
import { lastLines } from '../last-lines.ts';
import { findAllocation, findJob } from '../lookup.ts';

/** How much of the end is read to find so many lines in it. */
const BYTES_PER_LINE = 400;
const DEFAULT_LINES = 10;

export const command: Command = async (context, [first, second], flags) => {
  const id = flags.is('job') ? await runningAllocation(context, first!) : await findAllocation(context, first!);
  const task = second ?? flags.text('task') ?? (await onlyTask(context, id));
  const lines = linesWanted(flags);
  const query = logQuery(task, lines, flags);
  const body = query.follow
    ? followLogs(context, id, query)
    : await explaining('Error reading file', context.client.allocations.logs(id, query, context.signal));
  const output = lines === undefined ? body : lastLines(body, lines, query.follow ? 1 : query.offset);
  await explaining('Error reading file', printAll(context, output));
  return 0;
};

async function printAll({ terminal }: CommandContext, output: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of output) terminal.write(chunk);
}

/** undefined: not limited by lines. */
function linesWanted(flags: Flags): number | undefined {
  if (!flags.is('tail') || flags.text('c') !== undefined) return undefined;
  return wholeNumber(flags, 'n') ?? DEFAULT_LINES;
}

function logQuery(task: string, lines: number | undefined, flags: Flags): LogQuery {
  const bytes = flags.is('tail') ? (wholeNumber(flags, 'c') ?? (lines ?? 0) * BYTES_PER_LINE) : 0;
  return {
    task,
    type: flags.is('stderr') ? 'stderr' : 'stdout',
    follow: flags.is('f'),
    offset: bytes,
    origin: flags.is('tail') ? 'end' : 'start',
  };
}

function wholeNumber(flags: Flags, name: string): number | undefined {
  const text = flags.text(name);
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`-${name} must be a whole number, not "${text}"`);
}

async function onlyTask(context: CommandContext, id: string): Promise<string> {
  const { data: alloc } = await explaining('Error querying allocation', context.client.allocations.read(id));
  const group = alloc.Job?.TaskGroups.find(({ Name }) => Name === alloc.TaskGroup);
  const names = group?.Tasks.map(({ Name }) => Name) ?? Object.keys(alloc.TaskStates ?? {});
  if (names.length === 1) return names[0]!;
  const list = names.map((name) => `  * ${name}`).join('\n');
  throw new UsageError(`Allocation "${id.slice(0, 8)}" has several tasks; name one of them:\n${list}`);
}

async function runningAllocation(context: CommandContext, prefix: string): Promise<string> {
  const job = await findJob(context, prefix);
  const { data } = await explaining('Error querying allocations', context.client.jobs.allocations(job.ID));
  const running = data.filter((alloc) => alloc.ClientStatus === 'running');
  const newest = running.sort((a, b) => b.CreateIndex - a.CreateIndex)[0];
  if (!newest) throw new UsageError(`No allocation of job "${job.ID}" is running`);
  return newest.ID;
}
