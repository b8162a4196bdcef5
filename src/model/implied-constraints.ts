/** Constraints that follow from what a group uses: signals its node must know, a Vault or a Consul it must reach. */
import type { Constraint } from './constraint.ts';
import { groupServices } from './ingress-services.ts';
import type { TaskGroup } from './job.ts';
import type { Task } from './task.ts';

const VAULT_CONSTRAINT: Constraint = { LTarget: '${attr.vault.version}', RTarget: '>= 0.6.1', Operand: 'semver' };

/** The first whose agent replaces all checks of a service, and counts results before it believes them. */
export const CONSUL_CONSTRAINT: Constraint = {
  LTarget: '${attr.consul.version}',
  RTarget: '>= 1.7.0',
  Operand: 'semver',
};

/** The group with its implied constraints behind its own; those that it has already are not repeated. */
export function addImpliedConstraints(group: TaskGroup): TaskGroup {
  const own = group.Constraints ?? [];
  const missing = impliedConstraints(group).filter((implied) => !own.some((each) => isSame(each, implied)));
  return missing.length > 0 ? { ...group, Constraints: [...own, ...missing] } : group;
}

function impliedConstraints(group: TaskGroup): Constraint[] {
  const constraints: Constraint[] = [];
  if (group.Tasks.some((task) => task.Vault !== null)) constraints.push({ ...VAULT_CONSTRAINT });
  if (asksForConsul(group)) constraints.push({ ...CONSUL_CONSTRAINT });
  const signals = [...new Set(group.Tasks.flatMap(signalsOf))].sort();
  if (signals.length > 0) constraints.push(signalConstraint(signals));
  return constraints;
}

/** A service that names no provider takes what its node has. */
export const asksForConsul = (group: TaskGroup): boolean =>
  groupServices(group).some(({ Provider }) => Provider === 'consul');

const signalConstraint = (signals: readonly string[]): Constraint => ({
  LTarget: '${attr.os.signals}',
  RTarget: signals.join(','),
  Operand: 'set_contains',
});

function signalsOf(task: Task): string[] {
  const signals = (task.Templates ?? [])
    .filter((each) => each.ChangeMode === 'signal')
    .map((each) => each.ChangeSignal);
  const vault = task.Vault as { ChangeMode: string; ChangeSignal: string } | null;
  if (vault?.ChangeMode === 'signal') signals.push(vault.ChangeSignal);
  return [task.KillSignal, ...signals].filter((signal) => signal !== '');
}

const isSame = (a: Constraint, b: Constraint): boolean =>
  a.LTarget === b.LTarget && a.RTarget === b.RTarget && a.Operand === b.Operand;
