/** update, restart, reschedule, migrate, and what a job demands of nodes: constraint, affinity, spread. */
import { attribute, block, list, plainText, type Wire } from './schema.ts';

/**
 * A `stagger` that stands in a file is meant: it becomes ours, BatchInterval. On the wire alone it could not be told
 * from the 30 s that every client fills in.
 */
const keepWrittenStagger = (wire: Wire): Wire =>
  wire.Stagger === null ? wire : { ...wire, BatchInterval: wire.Stagger! };

/** A stagger that nobody wrote is the 30 s that everybody has. */
const writeStagger = ({ BatchInterval, ...wire }: Wire): Wire => ({ ...wire, Stagger: BatchInterval ?? null });

export const update = block({
  attributes: {
    stagger: attribute('Stagger', 'duration'),
    max_parallel: attribute('MaxParallel', 'integer'),
    health_check: attribute('HealthCheck', 'string'),
    min_healthy_time: attribute('MinHealthyTime', 'duration'),
    healthy_deadline: attribute('HealthyDeadline', 'duration'),
    progress_deadline: attribute('ProgressDeadline', 'duration'),
    canary: attribute('Canary', 'integer'),
    auto_revert: attribute('AutoRevert', 'bool'),
    auto_promote: attribute('AutoPromote', 'bool'),
    canary_weight: attribute('CanaryWeight', 'number', { absent: undefined }),
    max_surge: attribute('MaxSurge', 'amount', { absent: undefined }),
    keep_warm: attribute('KeepWarm', 'duration', { absent: undefined }),
  },
  finish: keepWrittenStagger,
  unfinish: writeStagger,
});

export const migrate = block({
  attributes: {
    max_parallel: attribute('MaxParallel', 'integer'),
    health_check: attribute('HealthCheck', 'string'),
    min_healthy_time: attribute('MinHealthyTime', 'duration'),
    healthy_deadline: attribute('HealthyDeadline', 'duration'),
  },
});

export const restart = block({
  attributes: {
    interval: attribute('Interval', 'duration'),
    attempts: attribute('Attempts', 'integer'),
    delay: attribute('Delay', 'duration'),
    mode: attribute('Mode', 'string'),
  },
});

export const reschedule = block({
  attributes: {
    attempts: attribute('Attempts', 'integer'),
    interval: attribute('Interval', 'duration'),
    delay: attribute('Delay', 'duration'),
    delay_function: attribute('DelayFunction', 'string'),
    delay_factor: attribute('DelayFactor', 'number', { absent: undefined }),
    max_delay: attribute('MaxDelay', 'duration'),
    unlimited: attribute('Unlimited', 'bool'),
  },
});

/** How long instances of a lost node are waited for. */
export const disconnect = block({
  attributes: {
    lost_after: attribute('LostAfter', 'duration'),
    replace: attribute('Replace', 'bool'),
    replace_after: attribute('ReplaceAfter', 'duration', { absent: undefined }),
    reconcile: attribute('Reconcile', 'string'),
    stop_on_client_after: attribute('StopOnClientAfter', 'duration', { absent: undefined }),
  },
});

/** Short spellings: `regexp = "r.*"` is operator "regexp" with that value. */
const VALUE_OPERATORS = [
  'version',
  'semver',
  'regexp',
  'set_contains',
  'set_contains_all',
  'set_contains_any',
] as const;

const target = {
  attribute: attribute('LTarget', 'string', { absent: '' }),
  value: attribute('RTarget', 'string', { absent: '' }),
  operator: attribute('Operand', 'string', { absent: '=' }),
};
const shortSpellings = Object.fromEntries(
  VALUE_OPERATORS.map((name) => [name, attribute(name, 'string', { absent: undefined })]),
);

function spellOut(wire: Wire): Wire {
  const short = VALUE_OPERATORS.find((name) => wire[name] !== undefined);
  if (short === undefined) return wire;
  const { [short]: value, ...rest } = wire;
  return { ...rest, Operand: short, RTarget: value! };
}

function spellOutConstraint(wire: Wire): Wire {
  const { distinctHosts, distinctProperty, ...rest } = wire;
  if (distinctProperty !== undefined) return { ...rest, Operand: 'distinct_property', LTarget: distinctProperty };
  if (distinctHosts !== undefined) return { ...rest, Operand: 'distinct_hosts', RTarget: String(distinctHosts) };
  return spellOut(rest);
}

export const constraint = block({
  attributes: {
    ...target,
    ...shortSpellings,
    distinct_hosts: attribute('distinctHosts', 'bool', { absent: undefined }),
    distinct_property: attribute('distinctProperty', 'string', { absent: undefined }),
  },
  isMeant: ({ Operand, RTarget }) => !(Operand === 'distinct_hosts' && RTarget === 'false'),
  finish: spellOutConstraint,
});

export const affinity = block({
  attributes: { ...target, ...shortSpellings, weight: attribute('Weight', 'integer') },
  finish: spellOut,
});

const spreadTarget = block({
  labels: ['value'],
  labelWire: 'Value',
  attributes: { percent: attribute('Percent', 'integer', { absent: 0 }) },
});

export const spread = block({
  attributes: { attribute: plainText('Attribute'), weight: attribute('Weight', 'integer') },
  blocks: { target: list('SpreadTarget', spreadTarget) },
});
