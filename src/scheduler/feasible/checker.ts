/**
 * Whether a node may run a group at all, whatever room it has. Constraints are judged once per computed class; those
 * that look at what is unique to a node, drivers and host volumes are judged per node.
 */
import type { Constraint } from '../../model/constraint.ts';
import type { Job, TaskGroup } from '../../model/job.ts';
import type { Node } from '../../model/node.ts';
import { compileOperator } from './operators.ts';
import { compileTarget } from './target.ts';

/** undefined: it may; else the reason, in the wire's words. */
export type Verdict = string | undefined;

export interface FeasibilityChecker {
  judge(node: Node): Verdict;
  /** Computed classes judged so far. */
  readonly classes: ReadonlyMap<string, Verdict>;
  readonly escapesClasses: boolean;
}

type Rule = (node: Node) => Verdict;

/** These are judged over the allocations that are there, not by the node alone. */
const PLACEMENT_OPERANDS = new Set(['distinct_hosts', 'distinct_property']);

export function compileChecker(job: Job, group: TaskGroup): FeasibilityChecker {
  const constraints = allConstraints(job, group).filter((one) => !PLACEMENT_OPERANDS.has(one.Operand));
  const rules = constraints.map(compileConstraint);
  const shared = rules.filter((rule) => !rule.isUnique).map((rule) => rule.check);
  const unique = rules.filter((rule) => rule.isUnique).map((rule) => rule.check);
  const perNode = [...NODE_RULES.flatMap((rules) => rules(group)), ...unique];
  const classes = new Map<string, Verdict>();
  return {
    classes,
    escapesClasses: unique.length > 0,
    judge: (node) => judgeClass(node, shared, classes) ?? firstReason(node, perNode),
  };
}

export function allConstraints(job: Job, group: TaskGroup): Constraint[] {
  return [
    ...(job.Constraints ?? []),
    ...(group.Constraints ?? []),
    ...group.Tasks.flatMap((task) => task.Constraints ?? []),
  ];
}

function judgeClass(node: Node, rules: readonly Rule[], classes: Map<string, Verdict>): Verdict {
  if (node.ComputedClass === '') return firstReason(node, rules);
  if (!classes.has(node.ComputedClass)) classes.set(node.ComputedClass, firstReason(node, rules));
  return classes.get(node.ComputedClass);
}

function firstReason(node: Node, rules: readonly Rule[]): Verdict {
  for (const rule of rules) {
    const reason = rule(node);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function compileConstraint(constraint: Constraint): { readonly isUnique: boolean; readonly check: Rule } {
  const left = compileTarget(constraint.LTarget);
  const right = compileTarget(constraint.RTarget);
  const passes = compileOperator(constraint.Operand);
  const reason = constraintText(constraint);
  return {
    isUnique: left.isUnique || right.isUnique,
    check: (node) => (passes?.(left.read(node), right.read(node)) ? undefined : reason),
  };
}

/** "${attr.kernel.name} = linux", as the wire counts it. */
export function constraintText({ LTarget, Operand, RTarget }: Constraint): string {
  return [LTarget, Operand || '=', RTarget].filter((part) => part !== '').join(' ');
}

function driverRules(group: TaskGroup): Rule[] {
  const drivers = [...new Set(group.Tasks.map((task) => task.Driver))];
  return [(node) => (drivers.every((driver) => hasDriver(node, driver)) ? undefined : 'missing drivers')];
}

function hasDriver(node: Node, driver: string): boolean {
  const info = node.Drivers[driver];
  if (info) return info.Detected && info.Healthy;
  const attribute = node.Attributes[`driver.${driver}`];
  return attribute === '1' || attribute === 'true';
}

function volumeRules(group: TaskGroup): Rule[] {
  const wanted = Object.values(group.Volumes ?? {}).filter((volume) => volume.Type === 'host');
  if (wanted.length === 0) return [];
  const has = (node: Node) =>
    wanted.every((volume) => {
      const found = node.HostVolumes?.[volume.Source];
      return found !== undefined && (volume.ReadOnly || !found.ReadOnly);
    });
  return [(node) => (has(node) ? undefined : 'missing compatible host volumes')];
}

/** What no node of ours can offer is refused with its name, as a peer without the plugin refuses it. */
function csiRules(group: TaskGroup): Rule[] {
  const wanted = Object.values(group.Volumes ?? {}).filter((volume) => volume.Type === 'csi');
  return wanted.map((volume) => () => `missing CSI Volume ${volume.Source}`);
}

function deviceRules(group: TaskGroup): Rule[] {
  const asks = group.Tasks.some((task) => Array.isArray(task.Resources.Devices) && task.Resources.Devices.length > 0);
  return asks ? [() => 'missing devices'] : [];
}

/** Modes other than the host's own network must be offered by the node. */
function networkRules(group: TaskGroup): Rule[] {
  const modes = (group.Networks ?? []).map((network) => network.Mode).filter((mode) => mode !== '' && mode !== 'host');
  if (modes.length === 0) return [];
  const offers = (node: Node, mode: string) =>
    (node.NodeResources.Networks ?? []).some((network) => network.Mode === mode);
  return [(node) => (modes.every((mode) => offers(node, mode)) ? undefined : 'missing network')];
}

/** In this order, which is that of the reasons where several hold. */
const NODE_RULES: readonly ((group: TaskGroup) => Rule[])[] = [
  driverRules,
  volumeRules,
  csiRules,
  networkRules,
  deviceRules,
];
