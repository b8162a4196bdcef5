/** What the grammar finds in a string or heredoc, one after the other, before it is put together. */
import type { SourceRange } from '../source.ts';
import type { Expression } from './ast.ts';

interface Edged {
  readonly trimBefore: boolean;
  readonly trimAfter: boolean;
  readonly range: SourceRange;
}
export type RawPart =
  | { readonly kind: 'text'; readonly raw: string; readonly range: SourceRange }
  | (Edged & { readonly kind: 'interpolation'; readonly expression: Expression })
  | (Edged & { readonly kind: 'if'; readonly condition: Expression })
  | (Edged & {
      readonly kind: 'for';
      readonly keyName: string | undefined;
      readonly valueName: string;
      readonly collection: Expression;
    })
  | (Edged & { readonly kind: 'word'; readonly word: string });
