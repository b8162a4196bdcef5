/** A look into the folder of an allocation: what is there, and the bytes of a file. `inside-path.ts` keeps it in there. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import type { Clock } from '../lib/clock.ts';
import { SerinError } from '../lib/errors.ts';
import { contentTypeOf } from './content-type.ts';
import { type FileChunk, type FileRequest, followFile } from './file-follower.ts';
import { type Inside, inWords, openInside, reachOf } from './inside-path.ts';

/** As the wire says it. */
export interface FileInfo {
  readonly Name: string;
  readonly IsDir: boolean;
  readonly Size: number;
  /** "-rw-r--r--", "drwxr-xr-x": as Go spells it. */
  readonly FileMode: string;
  readonly ModTime: string;
  /** Of a single file. */
  readonly ContentType?: string;
}

export interface AllocFilesOptions {
  readonly root: string;
  /** Their secrets are shown to nobody. */
  readonly tasks: readonly string[];
  /** Nothing writes there any more: whoever follows a file has seen its end. */
  readonly isOver: () => boolean;
  readonly clock: Clock;
}

export class AllocFiles {
  readonly #options: AllocFilesOptions;
  readonly #hidden: ReadonlySet<string>;

  constructor(options: AllocFilesOptions) {
    this.#options = options;
    this.#hidden = new Set(options.tasks.map((task) => `${task}/secrets`));
  }

  /** By name; links are shown as such. */
  async list(path: string): Promise<FileInfo[]> {
    return this.#at(path, async ({ handle }) => {
      const names = await readdir(reachOf(handle), { encoding: 'buffer' }).catch((error) => {
        throw inWords(error, path);
      });
      const folder = Buffer.from(`${reachOf(handle)}/`);
      const infos: FileInfo[] = [];
      // One after the other: a folder of a million files must not fill the memory with questions.
      for (const name of names) {
        const stats = await lstat(Buffer.concat([folder, name])).catch(() => undefined);
        if (stats !== undefined) infos.push(infoOf(name.toString(), stats));
      }
      return infos.sort((a, b) => (a.Name < b.Name ? -1 : 1));
    });
  }

  async stat(path: string): Promise<FileInfo> {
    return this.#at(path, async ({ handle, names }) => {
      const stats = await handle.stat();
      const info = infoOf(names.at(-1) ?? '/', stats);
      return stats.isFile() ? { ...info, ContentType: await contentTypeOf(handle, info.Name) } : info;
    });
  }

  /** Rejects at its first item where there is no such file. */
  read(request: FileRequest, signal: AbortSignal): AsyncGenerator<FileChunk, void> {
    const { clock, isOver } = this.#options;
    const { path } = request;
    return followFile({ ...request, open: () => this.#open(path), isOver, clock }, signal);
  }

  async #open(path: string): Promise<FileHandle> {
    return this.#at(path, async ({ handle }) => {
      const stats = await handle.stat();
      if (stats.isDirectory()) throw new SerinError('badRequest', `${JSON.stringify(path)} is a directory`);
      if (!stats.isFile())
        throw new SerinError('badRequest', `${JSON.stringify(path)} is ${kindOf(stats)}, not a file`);
      return open(reachOf(handle), constants.O_RDONLY | constants.O_NONBLOCK).catch((error) => {
        throw inWords(error, path);
      });
    });
  }

  async #at<T>(path: string, look: (inside: Inside) => Promise<T>): Promise<T> {
    const inside = await openInside(this.#options.root, path, (names) => this.#hidden.has(names.join('/')));
    try {
      return await look(inside);
    } finally {
      await inside.handle.close();
    }
  }
}

const infoOf = (name: string, stats: Stats): FileInfo => ({
  Name: name,
  IsDir: stats.isDirectory(),
  Size: stats.size,
  FileMode: modeText(stats),
  ModTime: stats.mtime.toISOString(),
});

/** The first that fits. */
const KINDS: readonly (readonly [is: (stats: Stats) => boolean, letters: string, words: string])[] = [
  [(stats) => stats.isDirectory(), 'd', 'a directory'],
  [(stats) => stats.isSymbolicLink(), 'L', 'a link'],
  [(stats) => stats.isFIFO(), 'p', 'a named pipe'],
  [(stats) => stats.isSocket(), 'S', 'a socket'],
  [(stats) => stats.isCharacterDevice(), 'Dc', 'a device'],
  [(stats) => stats.isBlockDevice(), 'D', 'a device'],
];

const kindOf = (stats: Stats): string => KINDS.find(([is]) => is(stats))?.[2] ?? 'something else';

const SPECIAL: readonly (readonly [bit: number, letter: string])[] = [
  [0o4000, 'u'],
  [0o2000, 'g'],
  [0o1000, 't'],
];

function modeText(stats: Stats): string {
  const kind = KINDS.find(([is]) => is(stats))?.[1] ?? '';
  const special = SPECIAL.filter(([bit]) => (stats.mode & bit) !== 0).map(([, letter]) => letter);
  const bits = [...'rwxrwxrwx'].map((letter, at) => ((stats.mode & (0o400 >> at)) === 0 ? '-' : letter));
  return (kind + special.join('') || '-') + bits.join('');
}
