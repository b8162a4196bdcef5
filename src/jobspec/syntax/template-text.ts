/** The escapes of literal text: backslashes in quoted strings, `$${` and `%%{` in both forms. */
import type { Diagnostics } from '../diagnostic.ts';
import type { SourceRange } from '../source.ts';

const SIMPLE: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))|([$%])\4\{/gu;

export function unescapeQuoted(raw: string, range: SourceRange, diagnostics: Diagnostics): string {
  return raw.replace(ESCAPE, (whole, short, long, symbol, marker, offset: number) => {
    if (marker !== undefined) return `${marker}{`;
    if (symbol !== undefined && Object.hasOwn(SIMPLE, symbol)) return SIMPLE[symbol]!;
    const code = Number.parseInt(short ?? long ?? 'x', 16);
    if (code <= 0x10ffff) return String.fromCodePoint(code);
    reportEscape({ ...range, start: range.start + offset, end: range.start + offset + whole.length }, diagnostics);
    return whole;
  });
}

export const unescapeHeredoc = (raw: string): string => raw.replace(/([$%])\1\{/g, '$1{');

function reportEscape(range: SourceRange, diagnostics: Diagnostics): void {
  const sequence = range.source.text.slice(range.start, range.end);
  const detail = `The escape sequence "${sequence}" is not known.`;
  diagnostics.error(
    range,
    'Invalid escape sequence',
    detail,
    'expected one of \\n \\r \\t \\" \\\\ \\uNNNN \\UNNNNNNNN',
  );
}
