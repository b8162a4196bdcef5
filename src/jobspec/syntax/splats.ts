/** Gives a splat the steps that go to each item: all behind `[*]`, only attributes behind `.*`. */
import { spanning, textOf } from '../source.ts';
import type { SplatStep, Step } from './ast.ts';

export function nestSplats(steps: readonly Step[]): Step[] {
  const at = steps.findIndex((step) => step.kind === 'splat');
  if (at === -1) return [...steps];
  const splat = steps[at] as SplatStep;
  const behind = steps.slice(at + 1);
  const own = textOf(splat.range).startsWith('.') ? leadingAttributes(behind) : behind.length;
  const inner = nestSplats(behind.slice(0, own));
  const range = inner.length === 0 ? splat.range : spanning(splat.range, inner.at(-1)!.range);
  return [...steps.slice(0, at), { ...splat, steps: inner, range }, ...nestSplats(behind.slice(own))];
}

function leadingAttributes(steps: readonly Step[]): number {
  const end = steps.findIndex((step) => step.kind !== 'attribute');
  return end === -1 ? steps.length : end;
}
