/** Follows a file of an allocation, whatever takes its place, and says so on standard error where something does. */
import { ApiError } from '../api/api-errors.ts';
import type { FilePlace } from '../api/files.ts';
import type { CommandContext } from './command.ts';
import { onOneLine } from './format/safe-text.ts';
import { keepFollowing } from './keep-following.ts';

export async function* followFile(
  context: CommandContext,
  id: string,
  path: string,
  begin: FilePlace,
): AsyncGenerator<Buffer> {
  const { client, terminal, signal } = context;
  /** Behind the last byte that was printed. */
  let at: number | undefined;
  const open = async () => client.files.follow(id, path, await placeOf(context, id, path, begin, at), signal);
  for await (const frame of keepFollowing(context, id, open)) {
    if (frame.event !== undefined) {
      terminal.complain(`${onOneLine(path)}: ${frame.event}`);
      at = 0;
    }
    if (frame.data.length === 0) continue;
    at = frame.offset + frame.data.length;
    yield frame.data;
  }
}

/** A file that is shorter than what was printed of it is another one. */
async function placeOf(
  { client }: CommandContext,
  id: string,
  path: string,
  begin: FilePlace,
  at: number | undefined,
): Promise<FilePlace> {
  if (at === undefined) return begin;
  const size = await client.files.stat(id, path).then(
    ({ data }) => data.Size,
    (error) => {
      if (error instanceof ApiError) return 0;
      throw error;
    },
  );
  return { origin: 'start', offset: size < at ? 0 : at };
}
