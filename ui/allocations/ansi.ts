/** Terminal colours in a line of output: shown as tones of the page, all other control sequences left out. Pure. */
export interface AnsiPiece {
  readonly text: string;
  /** Of the sixteen colours; absent: as the rest. */
  readonly colour?: AnsiColour;
  readonly isBold?: boolean;
}

export const ANSI_COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
export type AnsiColour = (typeof ANSI_COLOURS)[number];

type Style = Omit<AnsiPiece, 'text'>;

const SEQUENCE = /\u001b\[([0-9;:?]*)[ -/]*([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b.?/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Colours begin and end in one line. */
export function ansiPieces(line: string): readonly AnsiPiece[] {
  // Most lines have none.
  if (!line.includes('\u001b')) return [{ text: shown(line) }];
  const pieces: AnsiPiece[] = [];
  let style: Style = {};
  let at = 0;
  for (const found of line.matchAll(SEQUENCE)) {
    add(pieces, line.slice(at, found.index), style);
    if (found[2] === 'm') style = styleAfter(style, found[1] ?? '');
    at = found.index + found[0].length;
  }
  add(pieces, line.slice(at), style);
  return pieces;
}

export const plainText = (line: string): string => ansiPieces(line).reduce((text, piece) => text + piece.text, '');

function add(pieces: AnsiPiece[], text: string, style: Style): void {
  const clean = shown(text);
  if (clean !== '') pieces.push({ text: clean, ...style });
}

/** A carriage return begins the line anew: what was before it is gone, as a progress bar wants it. */
const shown = (text: string): string => text.replace(/\r+$/, '').replace(/^.*\r/s, '').replace(CONTROL, '');

function styleAfter(before: Style, codes: string): Style {
  const numbers = codes === '' ? [0] : codes.split(/[;:]/).map(Number);
  let style = before;
  for (let at = 0; at < numbers.length; at += 1) {
    const code = numbers[at] ?? 0;
    // 38;5;n and 38;2;r;g;b: of more colours than the page has; left as they are.
    if (code === 38 || code === 48) at += numbers[at + 1] === 5 ? 2 : 4;
    else style = styleAfterCode(style, code);
  }
  return style;
}

function styleAfterCode({ colour, isBold }: Style, code: number): Style {
  if (code === 0) return {};
  if (code === 1) return { ...(colour && { colour }), isBold: true };
  if (code === 22) return { ...(colour && { colour }) };
  if (code === 39) return { ...(isBold && { isBold }) };
  const named = ANSI_COLOURS[code >= 90 ? code - 90 : code - 30];
  if (named === undefined) return { ...(colour && { colour }), ...(isBold && { isBold }) };
  return { colour: named, ...(isBold && { isBold }) };
}
