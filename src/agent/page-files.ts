/** The built page, beside the built agent. A file is read when it is first asked for; there are few, and all are small. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { PageFile, PageFiles } from '../http/page.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** The smallest first; each stands beside its file under this ending. */
const ENCODINGS = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const;

/** What the build wrote: nothing else is ever read, whatever is asked for. */
const NAME = /^(?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)+$/;

export function pageFiles(folder = new URL('./page/', import.meta.url)): PageFiles {
  const known = new Map<string, Promise<PageFile | undefined>>();
  return {
    read(path, acceptEncoding) {
      const contentType = TYPES[extname(path)];
      if (!NAME.test(path) || contentType === undefined) return Promise.resolve(undefined);
      const encodings = ENCODINGS.filter(({ name }) => accepts(acceptEncoding, name));
      const key = `${encodings.map(({ name }) => name)} ${path}`;
      const found = known.get(key) ?? readSmallest(folder, path, contentType, encodings);
      // What is not there may be asked for under endless names.
      void found.then((file) => file && known.set(key, found));
      return found;
    },
  };
}

const accepts = (header: string, encoding: string): boolean =>
  header.split(',').some((part) => part.trim().replace(/;.*$/, '') === encoding && !/;\s*q=0(?:\.0*)?\s*$/.test(part));

async function readSmallest(
  folder: URL,
  path: string,
  contentType: string,
  encodings: readonly { readonly name: string; readonly ending: string }[],
): Promise<PageFile | undefined> {
  for (const { name, ending } of encodings) {
    const bytes = await readIfThere(new URL(`${path}${ending}`, folder));
    if (bytes) return { bytes, contentType, encoding: name };
  }
  const bytes = await readIfThere(new URL(path, folder));
  return bytes && { bytes, contentType };
}

const readIfThere = (file: URL): Promise<Uint8Array | undefined> => readFile(file).catch(() => undefined);
