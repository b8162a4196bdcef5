/** However the colours of a group stand, draining takes nothing away that is not there twice. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Colour, drainedTasks } from './deployment-groups.ts';

const colour = (prefix: string): fc.Arbitrary<Colour> =>
  fc
    .record({
      startedAtMs: fc.nat(3),
      createIndex: fc.nat(3),
      lastScalingAt: fc.constantFrom('', '2026-01-01', '2026-01-02'),
      instances: fc.nat(6),
      target: fc.option(fc.nat(6), { nil: undefined }),
      saysNewInstances: fc.boolean(),
      fit: fc.nat(6),
      serving: fc.nat(6),
    })
    .map(({ fit, serving, ...rest }) => ({
      ...rest,
      tasks: Array.from({ length: fit }, (_, at) => `${prefix}${at}`),
      serving: Math.min(fit, serving),
    }));

it('never drains more than another colour serves in its place, and never both', () => {
  fc.assert(
    fc.property(colour('a'), colour('b'), (a, b) => {
      const drained = drainedTasks([a, b]);
      const [gives, takes] = drained[0]?.startsWith('a') ? [a, b] : [b, a];
      expect(drained.every((id) => gives.tasks.includes(id))).toBe(true);
      expect(drained.length).toBeLessThanOrEqual(takes.serving);
    }),
  );
});

it('never leaves fewer than the target, where as many as that are fit', () => {
  fc.assert(
    fc.property(colour('a'), colour('b'), fc.nat(8), (first, second, target) => {
      const [a, b] = [first, second].map((each) => ({ ...each, target, instances: each.tasks.length }));
      const drained = drainedTasks([a!, b!]);
      const [gives, takes] = drained[0]?.startsWith('a') ? [a!, b!] : [b!, a!];
      const left = gives.tasks.length - drained.length + takes.serving;
      if (drained.length > 0) expect(left).toBeGreaterThanOrEqual(target);
    }),
  );
});

it('does not care in which order the colours come', () => {
  fc.assert(
    fc.property(colour('a'), colour('b'), (a, b) => {
      fc.pre(a.startedAtMs !== b.startedAtMs && a.lastScalingAt !== b.lastScalingAt && a.target === b.target);
      expect(drainedTasks([a, b])).toEqual(drainedTasks([b, a]));
    }),
  );
});
