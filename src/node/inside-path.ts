/**
 * Opens what a path names inside a folder, and never anything outside of it, whatever the tasks that own the folder do
 * to it meanwhile. Each part of the path is opened by its name in the folder opened before (`/proc/self/fd/N/name`)
 * without following links; links are read and walked here, so that the kernel follows none. `O_PATH` touches nothing:
 * a pipe that nobody writes to does not block, and a device does not wake up.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { SerinError } from '../lib/errors.ts';

/** Linux's; Node.js does not name it. */
const O_PATH = 0o10000000;
const BY_NAME = O_PATH | constants.O_NOFOLLOW;

/** Of folders and links together: as far as a path may lead before it is taken for a maze. */
const MOST_STEPS = 1_000;
const MOST_LINKS = 40;

export interface Inside {
  /** Opened by `O_PATH`: good for `stat`, and for being opened again through `reachOf`. */
  readonly handle: FileHandle;
  /** The folders on the way and the name itself, all links resolved; empty for the folder itself. */
  readonly names: readonly string[];
}

/** The path of an open file, for a look into it: nobody can put another file there. */
export const reachOf = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`;

/** `isHidden` is asked for each place on the way. The caller closes the handle. */
export async function openInside(
  root: string,
  path: string,
  isHidden: (names: readonly string[]) => boolean,
): Promise<Inside> {
  if (path.includes('\0')) throw new SerinError('badRequest', 'A path cannot hold a zero byte.');
  const walk = { root, path, rest: partsOf(path), links: 0 };
  let here: Inside = { handle: await openRoot(root), names: [] };
  try {
    for (let steps = 0; walk.rest.length > 0; steps++) {
      if (steps > MOST_STEPS) throw new SerinError('badRequest', `${quoted(path)} leads through too many folders.`);
      const before = here.handle;
      here = await step(walk, here);
      if (here.handle !== before) await before.close();
      if (isHidden(here.names)) throw hidden(path);
    }
    return here;
  } catch (error) {
    await here.handle.close();
    throw error;
  }
}

interface Walk {
  readonly root: string;
  readonly path: string;
  rest: string[];
  links: number;
}

async function step(walk: Walk, here: Inside): Promise<Inside> {
  const name = walk.rest.shift() ?? '';
  if (name === '..') return backToParent(walk, here);
  const handle = await openByName(walk, here, name);
  try {
    const stats = await handle.stat();
    if (!stats.isSymbolicLink()) return { handle, names: [...here.names, name] };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return followLink(walk, here, await targetOf(walk, here, name));
}

/** There is no asking an open folder for its parent without trusting whoever moves it: the way begins anew. */
async function backToParent(walk: Walk, here: Inside): Promise<Inside> {
  if (here.names.length === 0) throw leaves(walk.path);
  walk.rest = [...here.names.slice(0, -1), ...walk.rest];
  return { handle: await openRoot(walk.root), names: [] };
}

async function followLink(walk: Walk, here: Inside, target: string): Promise<Inside> {
  if (++walk.links > MOST_LINKS) throw new SerinError('badRequest', `${quoted(walk.path)} is a circle of links.`);
  if (!target.startsWith('/')) {
    walk.rest = [...partsOf(target), ...walk.rest];
    return here;
  }
  const root = await realpath(walk.root);
  const isInside = target === root || target.startsWith(`${root}/`);
  if (!isInside) throw leaves(walk.path);
  walk.rest = [...partsOf(target.slice(root.length)), ...walk.rest];
  return { handle: await openRoot(walk.root), names: [] };
}

async function openByName({ path }: Walk, here: Inside, name: string): Promise<FileHandle> {
  try {
    return await open(`${reachOf(here.handle)}/${name}`, BY_NAME);
  } catch (error) {
    throw inWords(error, path);
  }
}

async function targetOf({ path }: Walk, here: Inside, name: string): Promise<string> {
  try {
    return await readlink(`${reachOf(here.handle)}/${name}`);
  } catch (error) {
    throw inWords(error, path);
  }
}

async function openRoot(root: string): Promise<FileHandle> {
  try {
    return await open(root, BY_NAME | constants.O_DIRECTORY);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new SerinError('notFound', 'The folder of the allocation is not there: it was never made, or was removed.');
  }
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

/** What opening a path says, as a sentence with its status; what is not foreseen stays as it is. */
export function inWords(error: unknown, path: string): unknown {
  switch (codeOf(error)) {
    case 'ENOENT':
      return new SerinError('notFound', `${quoted(path)}: no such file or directory`);
    case 'ENOTDIR':
      return new SerinError('notFound', `${quoted(path)}: a part of it is no directory`);
    case 'ENAMETOOLONG':
      return new SerinError('badRequest', `${quoted(path.slice(0, 100))}…: a part of it is too long for a name`);
    case 'EACCES':
    case 'EPERM':
      return new SerinError('forbidden', `${quoted(path)}: the agent itself may not read it`);
    default:
      return error;
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

const leaves = (path: string): SerinError =>
  new SerinError('forbidden', `Path escapes the alloc directory: ${quoted(path)}`);

const hidden = (path: string): SerinError =>
  new SerinError('forbidden', `Reading secret file prohibited: ${quoted(path)}`);

const quoted = (path: string): string => JSON.stringify(path);
