/** `<<-EOT`: the indentation that all lines share is no part of the text. Blank lines do not count. */
import type { RawPart } from './raw-part.ts';

export function removeIndentation(parts: readonly RawPart[]): RawPart[] {
  const indents = parts.flatMap((part, at) => (part.kind === 'text' ? indentsOf(part.raw, at === 0, at, parts) : []));
  const shared = indents.length === 0 ? 0 : Math.min(...indents);
  return parts.map((part, at) => (part.kind === 'text' ? { ...part, raw: outdent(part.raw, at === 0, shared) } : part));
}

/** A line counts when it has text, or when an interpolation follows its spaces. */
function indentsOf(raw: string, startsLine: boolean, at: number, parts: readonly RawPart[]): number[] {
  const lines = raw.split('\n');
  const followed = parts[at + 1] !== undefined;
  return lines
    .map((line, index) => ({ line, starts: index > 0 || startsLine, open: index === lines.length - 1 && followed }))
    .filter(({ line, starts, open }) => starts && (open || line.trim() !== ''))
    .map(({ line }) => line.length - line.trimStart().length);
}

function outdent(raw: string, startsLine: boolean, width: number): string {
  const cut = (line: string) => line.slice(Math.min(width, line.length - line.trimStart().length));
  return raw
    .split('\n')
    .map((line, index) => (index > 0 || startsLine ? cut(line) : line))
    .join('\n');
}
