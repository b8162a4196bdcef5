/** `alloc logs`: a task's output, all of it, its end, or as it comes. */
import type { LogQuery } from '../../api/workloads.ts';
import { chosenAllocation, onlyTask } from '../chosen-allocation.ts';
import type { Command, CommandContext } from '../command.ts';
import { explaining } from '../explaining.ts';
import type { Flags } from '../flags.ts';
import { followLogs } from '../follow-logs.ts';
import { lastLines, readLastLines } from '../last-lines.ts';
import { type Wanted, wantedPart } from '../wanted-part.ts';

type Stream = LogQuery['type'];

export const command: Command = async (context, [first, second], flags) => {
  const wanted = wantedPart(flags);
  const id = await chosenAllocation(context, first!, flags);
  const task = second ?? flags.text('task') ?? (await onlyTask(context, id));
  const printing = streamsOf(flags).map((stream) => print(context, id, { task, stream, wanted, flags }));
  await explaining('Error reading file', Promise.all(printing));
  return 0;
};

function streamsOf(flags: Flags): readonly Stream[] {
  if (!flags.is('stderr')) return ['stdout'];
  return flags.is('stdout') ? ['stdout', 'stderr'] : ['stderr'];
}

interface Asked {
  readonly task: string;
  readonly stream: Stream;
  readonly wanted: Wanted;
  readonly flags: Flags;
}

/** To standard output; where both are asked for, each to its own. */
async function print(context: CommandContext, id: string, asked: Asked): Promise<void> {
  const { terminal } = context;
  const isApart = asked.stream === 'stderr' && asked.flags.is('stdout');
  for await (const chunk of await contentOf(context, id, asked)) {
    if (isApart) terminal.writeError(chunk);
    else terminal.write(chunk);
  }
}

type Place = Pick<LogQuery, 'origin' | 'offset'>;

async function contentOf(context: CommandContext, id: string, { task, stream, wanted }: Asked) {
  const query = { task, type: stream, follow: wanted.follow };
  const read = (place: Place) =>
    context.client.allocations.logs(id, { ...query, ...place, follow: false }, context.signal);
  const follow = (place: Place) => followLogs(context, id, { ...query, ...place });
  const content = wanted.follow ? follow : read;
  switch (wanted.kind) {
    case 'all':
      return content({ origin: 'start', offset: 0 });
    case 'bytes':
      return content({ origin: 'end', offset: wanted.bytes });
    case 'lines': {
      const end = await readLastLines((offset) => read({ origin: 'end', offset }), wanted.lines);
      if (!wanted.follow) return [end.text];
      return lastLines(follow({ origin: 'end', offset: end.bytes }), wanted.lines, end.bytes);
    }
  }
}
