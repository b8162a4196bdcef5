/** `alloc fs`: what is in the folder of an allocation. */
import type { FilePlace } from '../../api/files.ts';
import { chosenAllocation } from '../chosen-allocation.ts';
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import type { Flags } from '../flags.ts';
import { followFile } from '../follow-file.ts';
import { formatFile, formatFiles } from '../format/files.ts';
import { lastLines, readLastLines } from '../last-lines.ts';
import { type Wanted, wantedPart } from '../wanted-part.ts';

export const command: Command = async (context, [first, path = '/'], flags) => {
  const wanted = wantedPart(flags);
  const id = await chosenAllocation(context, first!, flags);
  const { client, terminal } = context;
  const { data: info } = await explaining('Error querying file', client.files.stat(id, path));
  const view = { humanSizes: flags.is('H') };
  if (flags.is('stat')) terminal.print(formatFile(info, view));
  else if (!info.IsDir) await printFile(context, id, path, wanted);
  else {
    refuseForFolder(path, wanted, flags);
    const { data: infos } = await explaining('Error listing files', client.files.list(id, path));
    terminal.print(formatFiles(infos, view));
  }
  return 0;
};

function refuseForFolder(path: string, wanted: Wanted, flags: Flags): void {
  if (!flags.is('f') && wanted.kind === 'all') return;
  throw new UsageError(`"${path}" is a folder: -f, -tail, -n and -c are for files.`);
}

async function printFile(context: CommandContext, id: string, path: string, wanted: Wanted): Promise<void> {
  const printing = async () => {
    for await (const chunk of await contentOf(context, id, path, wanted)) context.terminal.write(chunk);
  };
  await explaining('Error reading file', printing());
}

async function contentOf(context: CommandContext, id: string, path: string, wanted: Wanted) {
  const { client, signal } = context;
  const read = (place: FilePlace) => client.files.read(id, path, place, signal);
  const follow = (place: FilePlace) => followFile(context, id, path, place);
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
