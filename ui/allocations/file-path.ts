/** Paths below the folder of an allocation, as the address and the API write them: pure. */
export interface Crumb {
  readonly name: string;
  /** "": the folder of the allocation itself. */
  readonly path: string;
}

/** "/alloc//logs/" is "alloc/logs". What would lead outside is the node's to refuse. */
export const tidyPath = (path = ''): string => partsOf(path).join('/');

/** From the folder of the allocation down to what is looked at. */
export function crumbsOf(path: string): readonly Crumb[] {
  const parts = partsOf(path);
  return [
    { name: 'allocation', path: '' },
    ...parts.map((name, at) => ({ name, path: parts.slice(0, at + 1).join('/') })),
  ];
}

export const below = (folder: string, name: string): string => tidyPath(`${folder}/${name}`);

export const nameOf = (path: string): string => partsOf(path).at(-1) ?? '';

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

/** A node that does not say what it is may well hold text. */
export const isText = (contentType: string | undefined): boolean =>
  !contentType || /^text\/|json|xml|yaml|toml|javascript|x-sh|x-empty/.test(contentType);

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** "1.2 MB". */
export function sizeWord(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}
