/** The syntax tree of a job file: bodies of attributes and blocks, and expressions. Every node knows its place. */
import type { SourceRange } from '../source.ts';

export interface Body {
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly Block[];
  /** Where something that is missing in this body is reported. */
  readonly missingAt: SourceRange;
  /** Something in it could not be read, and was reported: what seems to be missing may just be that. */
  readonly isBroken: boolean;
}

export interface Attribute {
  readonly name: string;
  readonly nameRange: SourceRange;
  readonly value: Expression;
}

export interface Block {
  readonly type: string;
  readonly typeRange: SourceRange;
  readonly labels: readonly Label[];
  readonly body: Body;
}

export interface Label {
  readonly text: string;
  readonly range: SourceRange;
}

interface Node<Kind extends string> {
  readonly kind: Kind;
  readonly range: SourceRange;
}

export interface Literal extends Node<'literal'> {
  readonly value: null | boolean | number | string;
}
export interface Template extends Node<'template'> {
  readonly parts: readonly TemplatePart[];
}
export interface Tuple extends Node<'tuple'> {
  readonly items: readonly Expression[];
}
export interface ObjectLiteral extends Node<'object'> {
  readonly items: readonly ObjectItem[];
}
export interface ObjectItem {
  /** A bare name is a literal here; `(name)` is not. */
  readonly key: Expression;
  readonly value: Expression;
}
export interface ForExpression extends Node<'for'> {
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
  /** Present for `{for …}`, absent for `[for …]`. */
  readonly key: Expression | undefined;
  readonly value: Expression;
  /** `...` behind the value: values of one key are collected in a list. */
  readonly grouped: boolean;
  readonly condition: Expression | undefined;
}
export interface Conditional extends Node<'conditional'> {
  readonly condition: Expression;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
}
export interface Binary extends Node<'binary'> {
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}
export interface Unary extends Node<'unary'> {
  readonly operator: '-' | '!';
  readonly operand: Expression;
}
export interface Variable extends Node<'variable'> {
  readonly name: string;
}
export interface Traversal extends Node<'traversal'> {
  readonly target: Expression;
  readonly steps: readonly Step[];
}
export interface Call extends Node<'call'> {
  readonly name: string;
  readonly nameRange: SourceRange;
  readonly args: readonly Expression[];
  /** `...` behind the last argument: it is a list of arguments. */
  readonly expandLast: boolean;
}

/** Stands for a value that was reported already: evaluating it says nothing more. */
export type Unreadable = Node<'unreadable'>;

export type Expression =
  | Unreadable
  | Literal
  | Template
  | Tuple
  | ObjectLiteral
  | ForExpression
  | Conditional
  | Binary
  | Unary
  | Variable
  | Traversal
  | Call;

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%';

export type Step = AttributeStep | IndexStep | SplatStep;
export interface AttributeStep extends Node<'attribute'> {
  readonly name: string;
}
export interface IndexStep extends Node<'index'> {
  readonly key: Expression;
}
/** `.*` or `[*]`: the steps behind it go to each item. */
export interface SplatStep extends Node<'splat'> {
  readonly steps: readonly Step[];
}

export type TemplatePart = TextPart | Interpolation | IfDirective | ForDirective;
export interface TextPart extends Node<'text'> {
  readonly text: string;
}
export interface Interpolation extends Node<'interpolation'> {
  readonly expression: Expression;
}
export interface IfDirective extends Node<'if'> {
  readonly condition: Expression;
  readonly whenTrue: readonly TemplatePart[];
  readonly whenFalse: readonly TemplatePart[];
}
export interface ForDirective extends Node<'for-directive'> {
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
  readonly parts: readonly TemplatePart[];
}
