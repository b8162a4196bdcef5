/** A line of output as it is drawn: its colours, and in them what is searched for. Pure. */
import { type AnsiPiece, ansiPieces, plainText } from './ansi.ts';

export interface LinePiece extends AnsiPiece {
  readonly isMatch: boolean;
}

/** `query` in any case of letters; "" finds nothing. */
export function linePieces(line: string, query: string): readonly LinePiece[] {
  const pieces = ansiPieces(line);
  const cuts = query === '' ? [] : cutsOf(pieces.map(({ text }) => text).join(''), query);
  if (cuts.length === 0) return pieces.map((piece) => ({ ...piece, isMatch: false }));
  const drawn: LinePiece[] = [];
  let at = 0;
  for (const { text, ...style } of pieces) {
    drawn.push(...split(text, at, cuts).map((part) => ({ ...part, ...style })));
    at += text.length;
  }
  return drawn;
}

export const holds = (line: string, query: string): boolean => folded(plainText(line)).includes(folded(query));

/** Where what was found begins and ends. */
type Cut = readonly [from: number, to: number];

function cutsOf(text: string, query: string): readonly Cut[] {
  const [haystack, needle] = [folded(text), folded(query)];
  // A letter whose small form is longer would shift all places behind it.
  if (haystack.length !== text.length) return [];
  const cuts: Cut[] = [];
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length)) {
    cuts.push([at, at + needle.length]);
  }
  return cuts;
}

/** `text` begins at `start` of its line. */
function split(text: string, start: number, cuts: readonly Cut[]): { text: string; isMatch: boolean }[] {
  const parts: { text: string; isMatch: boolean }[] = [];
  let at = 0;
  for (const [from, to] of cuts) {
    const [begin, end] = [Math.max(from - start, at), Math.min(to - start, text.length)];
    if (end <= begin) continue;
    if (begin > at) parts.push({ text: text.slice(at, begin), isMatch: false });
    parts.push({ text: text.slice(begin, end), isMatch: true });
    at = end;
  }
  if (at < text.length) parts.push({ text: text.slice(at), isMatch: false });
  return parts;
}

const folded = (text: string): string => text.toLowerCase();
