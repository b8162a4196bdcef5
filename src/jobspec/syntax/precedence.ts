/** Operands and operators in a row → a tree, by how tightly each operator binds. All bind to the left. */
import { spanning } from '../source.ts';
import type { BinaryOperator, Expression } from './ast.ts';

export interface Operation {
  readonly operator: BinaryOperator;
  readonly right: Expression;
}

const BINDS: Readonly<Record<BinaryOperator, number>> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
};

export function foldOperations(first: Expression, rest: readonly Operation[]): Expression {
  const operands = [first];
  const operators: BinaryOperator[] = [];
  const reduce = () => {
    const right = operands.pop()!;
    const left = operands.pop()!;
    const operator = operators.pop()!;
    operands.push({ kind: 'binary', operator, left, right, range: spanning(left.range, right.range) });
  };
  for (const { operator, right } of rest) {
    while (operators.length > 0 && BINDS[operators.at(-1)!] >= BINDS[operator]) reduce();
    operators.push(operator);
    operands.push(right);
  }
  while (operators.length > 0) reduce();
  return operands[0]!;
}
