/** One measured figure beside its budget (DESIGN.md section 9), and how it is printed. */

export interface Budget {
  readonly limit: number;
  readonly bound: 'at least' | 'at most';
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly measured: number;
  /** Absent where DESIGN.md states none: the figure is then only for comparison. */
  readonly budget?: Budget;
  /** What a peer does; a constant of DESIGN.md, measured on 2 cores AMD EPYC 2.6 GHz. */
  readonly peer?: string;
}

export interface Suite {
  readonly name: string;
  readonly about: string;
  run(): Promise<readonly Figure[]>;
}

export const atLeast = (limit: number): Budget => ({ limit, bound: 'at least' });
export const atMost = (limit: number): Budget => ({ limit, bound: 'at most' });

/** Undefined where there is no budget. */
export function isMet({ measured, budget }: Figure): boolean | undefined {
  if (!budget) return undefined;
  return budget.bound === 'at least' ? measured >= budget.limit : measured <= budget.limit;
}

/** "12,345/s", "86 ms": three digits are enough to compare by. */
export function quantity(value: number, unit: string): string {
  const text =
    value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
  return unit.startsWith('/') ? `${text}${unit}` : `${text} ${unit}`;
}

export function budgetText({ budget, unit }: Figure): string {
  return budget ? `${budget.bound === 'at least' ? '≥' : '≤'} ${quantity(budget.limit, unit)}` : '';
}

export function verdict(figure: Figure): string {
  const met = isMet(figure);
  if (met === undefined) return '';
  return met ? 'met' : 'MISSED';
}
