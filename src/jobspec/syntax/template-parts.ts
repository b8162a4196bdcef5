/**
 * The raw parts of a string or heredoc → a template: indentation removed (`<<-`), `~` trims applied, escapes resolved,
 * `%{ if }` and `%{ for }` nested. In that order, so that an escaped newline is never taken for indentation.
 */
import type { Diagnostics } from '../diagnostic.ts';
import type { SourceRange } from '../source.ts';
import type { Template, TemplatePart } from './ast.ts';
import { removeIndentation } from './heredoc-indentation.ts';
import type { RawPart } from './raw-part.ts';
import { unescapeHeredoc, unescapeQuoted } from './template-text.ts';

export type TemplateForm = 'quoted' | 'heredoc' | 'flush-heredoc';

export function buildTemplate(
  form: TemplateForm,
  raw: readonly RawPart[],
  range: SourceRange,
  diagnostics: Diagnostics,
): Template {
  const flush = form === 'flush-heredoc' ? removeIndentation(raw) : raw;
  const withoutEscapes = form === 'quoted' ? unescapeQuoted : unescapeHeredoc;
  const resolved = trimmed(flush).map((part) =>
    part.kind === 'text' ? { ...part, raw: withoutEscapes(part.raw, part.range, diagnostics) } : part,
  );
  return { kind: 'template', parts: new Nesting(resolved, diagnostics).all(), range };
}

/** `${~ x ~}` eats the white space beside it. */
function trimmed(parts: readonly RawPart[]): RawPart[] {
  return parts.map((part, at) => {
    if (part.kind !== 'text') return part;
    const before = parts[at - 1];
    const after = parts[at + 1];
    let raw = part.raw;
    if (before && before.kind !== 'text' && before.trimAfter) raw = raw.trimStart();
    if (after && after.kind !== 'text' && after.trimBefore) raw = raw.trimEnd();
    return { ...part, raw };
  });
}

/** Reads the flat parts as a tree; a directive that nothing closes is reported where it opens. */
class Nesting {
  readonly #parts: readonly RawPart[];
  readonly #diagnostics: Diagnostics;
  #at = 0;

  constructor(parts: readonly RawPart[], diagnostics: Diagnostics) {
    this.#parts = parts;
    this.#diagnostics = diagnostics;
  }

  all(): TemplatePart[] {
    const parts: TemplatePart[] = [];
    while (this.#at < this.#parts.length) {
      parts.push(...this.#until([]));
      const stray = this.#parts[this.#at++];
      if (stray?.kind === 'word') this.#reportStray(stray.word, stray.range);
    }
    return parts;
  }

  /** Parts up to one of `words`, which is not taken; up to any word when none is given. */
  #until(words: readonly string[]): TemplatePart[] {
    const parts: TemplatePart[] = [];
    for (let raw = this.#parts[this.#at]; raw; raw = this.#parts[this.#at]) {
      if (raw.kind === 'word' && (words.length === 0 || words.includes(raw.word))) return parts;
      this.#at++;
      const part = this.#nested(raw);
      if (part) parts.push(part);
    }
    return parts;
  }

  #nested(raw: RawPart): TemplatePart | undefined {
    switch (raw.kind) {
      case 'text':
        return { kind: 'text', text: raw.raw, range: raw.range };
      case 'interpolation':
        return { kind: 'interpolation', expression: raw.expression, range: raw.range };
      case 'word':
        this.#reportStray(raw.word, raw.range);
        return undefined;
      case 'if': {
        const whenTrue = this.#until(['else', 'endif']);
        const whenFalse = this.#takes('else') ? this.#until(['endif']) : [];
        this.#expect('endif', 'if', raw.range);
        return { kind: 'if', condition: raw.condition, whenTrue, whenFalse, range: raw.range };
      }
      case 'for': {
        const parts = this.#until(['endfor']);
        this.#expect('endfor', 'for', raw.range);
        const { keyName, valueName, collection, range } = raw;
        return { kind: 'for-directive', keyName, valueName, collection, parts, range };
      }
    }
  }

  #takes(word: string): boolean {
    const next = this.#parts[this.#at];
    if (next?.kind !== 'word' || next.word !== word) return false;
    this.#at++;
    return true;
  }

  #expect(word: string, opened: string, range: SourceRange): void {
    if (this.#takes(word)) return;
    const detail = `The %{ ${opened} } directive has no %{ ${word} }.`;
    this.#diagnostics.error(range, 'Unclosed template directive', detail, `expected %{ ${word} } behind it`);
  }

  #reportStray(word: string, range: SourceRange): void {
    const detail = `%{ ${word} } does not belong to any open directive.`;
    this.#diagnostics.error(range, 'Invalid template directive', detail, 'expected if, else, endif, for or endfor');
  }
}
