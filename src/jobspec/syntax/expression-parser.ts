/**
 * The grammar of HCL2 expressions and templates over the tokens of one attribute's value. It does not recover: each
 * value is parsed alone, so the file goes on behind a broken one (`parse-body.ts`).
 */
import { EmbeddedActionsParser, type IToken, type ParserMethod } from 'chevrotain';
import type { Diagnostics } from '../diagnostic.ts';
import { type Source, type SourceRange, spanning } from '../source.ts';
import type { Expression, ObjectItem, Step, Template } from './ast.ts';
import { HeredocEnd, HeredocStart, HeredocText } from './heredoc-tokens.ts';
import { rangeOf } from './lex.ts';
import { foldOperations, type Operation } from './precedence.ts';
import type { RawPart } from './raw-part.ts';
import { nestSplats } from './splats.ts';
import { buildTemplate } from './template-parts.ts';
import * as t from './tokens.ts';

type Rule<Result> = ParserMethod<[], Result>;

interface ForIntro {
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
}

export class ExpressionParser extends EmbeddedActionsParser {
  #source: Source = { fileName: '', text: '' };
  #diagnostics: Diagnostics | undefined;

  constructor({ skipValidations }: { readonly skipValidations: boolean }) {
    super(t.allTokens, { recoveryEnabled: false, maxLookahead: 2, skipValidations });
    this.performSelfAnalysis();
  }

  /** Sets what is parsed next; problems inside strings (escapes, directives) go to `diagnostics`. */
  begin(source: Source, tokens: IToken[], diagnostics: Diagnostics): void {
    this.#source = source;
    this.#diagnostics = diagnostics;
    this.input = tokens;
  }

  readonly expression: Rule<Expression> = this.RULE('expression', () => {
    const condition = this.SUBRULE(this.operation);
    return (
      this.OPTION(() => {
        this.CONSUME(t.Question);
        const whenTrue = this.SUBRULE(this.expression);
        this.CONSUME(t.Colon);
        const whenFalse = this.SUBRULE2(this.expression);
        return this.ACTION<Expression>(() => {
          const range = spanning(condition.range, whenFalse.range);
          return { kind: 'conditional', condition, whenTrue, whenFalse, range };
        });
      }) ?? condition
    );
  });

  readonly operation: Rule<Expression> = this.RULE('operation', () => {
    const first = this.SUBRULE(this.unary);
    const rest: Operation[] = [];
    this.MANY(() => {
      const operator = this.CONSUME(t.Operator);
      const right = this.SUBRULE2(this.unary);
      this.ACTION(() => rest.push({ operator: operator.image as Operation['operator'], right }));
    });
    return this.ACTION(() => foldOperations(first, rest));
  });

  readonly unary: Rule<Expression> = this.RULE('unary', () =>
    this.OR([
      { ALT: () => this.#negated(this.CONSUME(t.Minus), '-', this.SUBRULE(this.unary)) },
      { ALT: () => this.#negated(this.CONSUME(t.Not), '!', this.SUBRULE2(this.unary)) },
      { ALT: () => this.SUBRULE(this.postfix) },
    ]),
  );

  readonly postfix: Rule<Expression> = this.RULE('postfix', () => {
    const target = this.SUBRULE(this.primary);
    const steps: Step[] = [];
    this.MANY(() => {
      const more = this.OR([{ ALT: () => this.SUBRULE(this.dotStep) }, { ALT: () => this.SUBRULE(this.bracketStep) }]);
      this.ACTION(() => steps.push(...more));
    });
    return this.ACTION<Expression>(() => {
      if (steps.length === 0) return target;
      return {
        kind: 'traversal',
        target,
        steps: nestSplats(steps),
        range: spanning(target.range, steps.at(-1)!.range),
      };
    });
  });

  readonly dotStep: Rule<Step[]> = this.RULE('dotStep', () => {
    const dot = this.CONSUME(t.Dot);
    return this.OR([
      {
        ALT: () => {
          const name = this.CONSUME(t.Identifier);
          return this.ACTION((): Step[] => [{ kind: 'attribute', name: name.image, range: this.#between(dot, name) }]);
        },
      },
      {
        ALT: () => {
          const digits = this.CONSUME(t.NumberLiteral);
          return this.ACTION(() => this.#legacyIndexes(digits));
        },
      },
      {
        ALT: () => {
          const star = this.CONSUME(t.Star);
          return this.ACTION((): Step[] => [{ kind: 'splat', steps: [], range: this.#between(dot, star) }]);
        },
      },
    ]);
  });

  readonly bracketStep: Rule<Step[]> = this.RULE('bracketStep', () => {
    const open = this.CONSUME(t.LBracket);
    const key = this.OR<Expression | undefined>([
      {
        ALT: () => {
          this.CONSUME(t.Star);
          return undefined;
        },
      },
      { ALT: () => this.SUBRULE(this.expression) },
    ]);
    const close = this.CONSUME(t.RBracket);
    return this.ACTION((): Step[] => {
      const range = this.#between(open, close);
      return [key === undefined ? { kind: 'splat', steps: [], range } : { kind: 'index', key, range }];
    });
  });

  readonly primary: Rule<Expression> = this.RULE('primary', () =>
    this.OR({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.number) },
        { ALT: () => this.SUBRULE(this.quoted) },
        { ALT: () => this.SUBRULE(this.heredoc) },
        { ALT: () => this.SUBRULE(this.parenthesized) },
        { GATE: () => this.LA(2).tokenType === t.For, ALT: () => this.SUBRULE(this.forTuple) },
        { ALT: () => this.SUBRULE(this.tuple) },
        { GATE: () => this.LA(2).tokenType === t.For, ALT: () => this.SUBRULE(this.forObject) },
        { ALT: () => this.SUBRULE(this.object) },
        { ALT: () => this.SUBRULE(this.nameOrCall) },
      ],
    }),
  );

  readonly number: Rule<Expression> = this.RULE('number', () => {
    const digits = this.CONSUME(t.NumberLiteral);
    return this.ACTION<Expression>(() => ({
      kind: 'literal',
      value: Number(digits.image),
      range: this.#range(digits),
    }));
  });

  /** The parentheses stay in the tree as a traversal of no steps: `(name)` as an object's key is not a bare name. */
  readonly parenthesized: Rule<Expression> = this.RULE('parenthesized', () => {
    const open = this.CONSUME(t.LParen);
    const target = this.SUBRULE(this.expression);
    const close = this.CONSUME(t.RParen);
    return this.ACTION<Expression>(() => ({ kind: 'traversal', target, steps: [], range: this.#between(open, close) }));
  });

  readonly nameOrCall: Rule<Expression> = this.RULE('nameOrCall', () => {
    const name = this.CONSUME(t.Identifier);
    return this.OPTION(() => this.SUBRULE(this.call, { ARGS: [name] })) ?? this.ACTION(() => this.#nameOrWord(name));
  });

  readonly call: ParserMethod<[IToken], Expression> = this.RULE('call', (name: IToken) => {
    this.CONSUME(t.LParen);
    const args: Expression[] = [];
    let expandLast = false;
    this.OPTION(() => {
      args.push(this.SUBRULE(this.expression));
      this.MANY(() => {
        this.CONSUME(t.Comma);
        args.push(this.SUBRULE2(this.expression));
      });
      this.OPTION2(() =>
        this.OR([
          { ALT: () => this.CONSUME2(t.Comma) },
          {
            ALT: () => {
              this.CONSUME(t.Ellipsis);
              expandLast = true;
            },
          },
        ]),
      );
    });
    const close = this.CONSUME(t.RParen);
    return this.ACTION<Expression>(() => ({
      kind: 'call',
      name: name.image,
      nameRange: this.#range(name),
      args,
      expandLast,
      range: this.#between(name, close),
    }));
  });

  readonly tuple: Rule<Expression> = this.RULE('tuple', () => {
    const open = this.CONSUME(t.LBracket);
    const items: Expression[] = [];
    this.OPTION(() => {
      items.push(this.SUBRULE(this.expression));
      this.MANY(() => {
        this.CONSUME(t.Comma);
        items.push(this.SUBRULE2(this.expression));
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    const close = this.CONSUME(t.RBracket);
    return this.ACTION<Expression>(() => ({ kind: 'tuple', items, range: this.#between(open, close) }));
  });

  readonly object: Rule<Expression> = this.RULE('object', () => {
    const open = this.CONSUME(t.LBrace);
    const items: ObjectItem[] = [];
    this.MANY(() => this.CONSUME(t.Newline));
    this.OPTION(() => {
      items.push(this.SUBRULE(this.objectItem));
      this.MANY2(() => {
        this.SUBRULE(this.itemSeparator);
        this.OPTION2(() => items.push(this.SUBRULE2(this.objectItem)));
      });
    });
    const close = this.CONSUME(t.RBrace);
    return this.ACTION<Expression>(() => ({ kind: 'object', items, range: this.#between(open, close) }));
  });

  readonly itemSeparator: Rule<void> = this.RULE('itemSeparator', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Comma);
          this.MANY(() => this.CONSUME(t.Newline));
        },
      },
      {
        ALT: () => {
          this.AT_LEAST_ONE(() => this.CONSUME2(t.Newline));
        },
      },
    ]);
  });

  readonly objectItem: Rule<ObjectItem> = this.RULE('objectItem', () => {
    const key = this.SUBRULE(this.expression);
    this.OR([{ ALT: () => this.CONSUME(t.Assign) }, { ALT: () => this.CONSUME(t.Colon) }]);
    const value = this.SUBRULE2(this.expression);
    return this.ACTION(() => ({ key: bareKey(key), value }));
  });

  readonly forTuple: Rule<Expression> = this.RULE('forTuple', () => {
    const open = this.CONSUME(t.LBracket);
    const intro = this.SUBRULE(this.forIntro);
    this.CONSUME(t.Colon);
    const value = this.SUBRULE(this.expression);
    const condition = this.OPTION(() => this.SUBRULE(this.forCondition));
    const close = this.CONSUME(t.RBracket);
    return this.ACTION<Expression>(() => ({
      kind: 'for',
      ...intro,
      key: undefined,
      value,
      grouped: false,
      condition,
      range: this.#between(open, close),
    }));
  });

  readonly forObject: Rule<Expression> = this.RULE('forObject', () => {
    const open = this.CONSUME(t.LBrace);
    const intro = this.SUBRULE(this.forIntro);
    this.CONSUME(t.Colon);
    const key = this.SUBRULE(this.expression);
    this.CONSUME(t.Arrow);
    const value = this.SUBRULE2(this.expression);
    const grouped = this.OPTION(() => this.CONSUME(t.Ellipsis)) !== undefined;
    const condition = this.OPTION2(() => this.SUBRULE(this.forCondition));
    const close = this.CONSUME(t.RBrace);
    return this.ACTION<Expression>(() => ({
      kind: 'for',
      ...intro,
      key,
      value,
      grouped,
      condition,
      range: this.#between(open, close),
    }));
  });

  readonly forIntro: Rule<ForIntro> = this.RULE('forIntro', () => {
    this.CONSUME(t.For);
    const first = this.CONSUME(t.Identifier);
    const second = this.OPTION(() => {
      this.CONSUME(t.Comma);
      return this.CONSUME2(t.Identifier);
    });
    this.CONSUME(t.In);
    const collection = this.SUBRULE(this.expression);
    return this.ACTION(() => ({
      keyName: second && first.image,
      valueName: (second ?? first).image,
      collection,
    }));
  });

  readonly forCondition: Rule<Expression> = this.RULE('forCondition', () => {
    this.CONSUME(t.If);
    return this.SUBRULE(this.expression);
  });

  readonly quoted: Rule<Template> = this.RULE('quoted', () => {
    const open = this.CONSUME(t.QuoteOpen);
    const parts: RawPart[] = [];
    this.MANY(() => {
      const part = this.OR([
        { ALT: () => this.#text(this.CONSUME(t.QuotedText)) },
        { ALT: () => this.SUBRULE(this.templatePart) },
      ]);
      this.ACTION(() => parts.push(part));
    });
    const close = this.CONSUME(t.QuoteClose);
    return this.ACTION(() => buildTemplate('quoted', parts, this.#between(open, close), this.#diagnostics!));
  });

  readonly heredoc: Rule<Template> = this.RULE('heredoc', () => {
    const open = this.CONSUME(HeredocStart);
    const parts: RawPart[] = [];
    this.MANY(() => {
      const part = this.OR([
        { ALT: () => this.#text(this.CONSUME(HeredocText)) },
        { ALT: () => this.SUBRULE(this.templatePart) },
      ]);
      this.ACTION(() => parts.push(part));
    });
    const close = this.CONSUME(HeredocEnd);
    return this.ACTION(() => {
      const form = open.image.startsWith('<<-') ? 'flush-heredoc' : 'heredoc';
      return buildTemplate(form, parts, this.#between(open, close), this.#diagnostics!);
    });
  });

  readonly templatePart: Rule<RawPart> = this.RULE('templatePart', () =>
    this.OR([{ ALT: () => this.SUBRULE(this.interpolation) }, { ALT: () => this.SUBRULE(this.directive) }]),
  );

  readonly interpolation: Rule<RawPart> = this.RULE('interpolation', () => {
    const open = this.CONSUME(t.InterpolationOpen);
    const expression = this.SUBRULE(this.expression);
    const close = this.CONSUME(t.RBrace);
    return this.ACTION<RawPart>(() => ({ kind: 'interpolation', expression, ...this.#edges(open, close) }));
  });

  readonly directive: Rule<RawPart> = this.RULE('directive', () => {
    const open = this.CONSUME(t.DirectiveOpen);
    const intro = this.OR<{ make: (edges: Edges) => RawPart }>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        {
          ALT: () => {
            const condition = this.SUBRULE(this.forCondition);
            return { make: (edges) => ({ kind: 'if', condition, ...edges }) };
          },
        },
        {
          ALT: () => {
            const intro = this.SUBRULE(this.forIntro);
            return { make: (edges) => ({ kind: 'for', ...intro, ...edges }) };
          },
        },
        {
          ALT: () => {
            const word = this.CONSUME(t.Identifier);
            return { make: (edges) => ({ kind: 'word', word: word.image, ...edges }) };
          },
        },
      ],
    });
    const close = this.CONSUME(t.RBrace);
    return this.ACTION(() => intro.make(this.#edges(open, close)));
  });

  #text(token: IToken): RawPart {
    return this.ACTION<RawPart>(() => ({ kind: 'text', raw: token.image, range: this.#range(token) }));
  }

  #negated(token: IToken, operator: '-' | '!', operand: Expression): Expression {
    return this.ACTION<Expression>(() => ({
      kind: 'unary',
      operator,
      operand,
      range: spanning(this.#range(token), operand.range),
    }));
  }

  #nameOrWord(token: IToken): Expression {
    const range = this.#range(token);
    const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
    return Object.hasOwn(words, token.image)
      ? { kind: 'literal', value: words[token.image]!, range }
      : { kind: 'variable', name: token.image, range };
  }

  /** The old spelling `list.0`; "list.0.1" arrives here as the number 0.1. */
  #legacyIndexes(digits: IToken): Step[] {
    const range = this.#range(digits);
    return digits.image
      .split('.')
      .map((each) => ({ kind: 'index', key: { kind: 'literal', value: Number(each), range }, range }));
  }

  #edges(open: IToken, close: IToken): Edges {
    return {
      trimBefore: open.image.endsWith('~'),
      trimAfter: close.image.startsWith('~'),
      range: this.#between(open, close),
    };
  }

  #range(token: IToken): SourceRange {
    return rangeOf(this.#source, token);
  }

  #between(first: IToken, last: IToken): SourceRange {
    return spanning(this.#range(first), this.#range(last));
  }
}

interface Edges {
  readonly trimBefore: boolean;
  readonly trimAfter: boolean;
  readonly range: SourceRange;
}

const bareKey = (key: Expression): Expression =>
  key.kind === 'variable' ? { kind: 'literal', value: key.name, range: key.range } : key;
