/** Files and folders of an allocation as a table. Their names were chosen by tasks: they must not steer the terminal. */
import type { FileView } from '../../api/files.ts';
import { onOneLine } from './safe-text.ts';
import { formatList } from './table.ts';
import { formatBytes, formatStamp } from './words.ts';

export interface FilesView {
  readonly humanSizes: boolean;
}

const LONGEST_NAME = 4096;

/** Folders end with a slash. */
export function formatFiles(files: readonly FileView[], view: FilesView): string {
  const rows = files.map((file) => [...factsOf(file, view), nameOf(file)]);
  return formatList([['Mode', 'Size', 'Modified Time', 'Name'], ...rows]);
}

export function formatFile(file: FileView, view: FilesView): string {
  const row = [...factsOf(file, view), file.ContentType ?? '', nameOf(file)];
  return formatList([['Mode', 'Size', 'Modified Time', 'Content Type', 'Name'], row]);
}

function factsOf(file: FileView, { humanSizes }: FilesView): string[] {
  return [file.FileMode, humanSizes ? formatBytes(file.Size) : String(file.Size), formatStamp(file.ModTime)];
}

function nameOf({ Name: name, IsDir: isFolder }: FileView): string {
  return onOneLine(name, LONGEST_NAME) + (isFolder && !name.endsWith('/') ? '/' : '');
}
