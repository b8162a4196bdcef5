/** Judges how a group is updated, migrated, restarted and rescheduled. */
import { formatDuration } from '../lib/duration.ts';
import { type ErrorTree, wrongIf } from './error-tree.ts';
import { SECOND } from './nanos.ts';
import type { MigrateStrategy, ReschedulePolicy, RestartPolicy, UpdateStrategy } from './policies.ts';

const HEALTH_CHECKS = ['checks', 'task_states', 'manual'];
const RESTART_MODES = ['fail', 'delay'];
const DELAY_FUNCTIONS = ['constant', 'exponential', 'fibonacci'];
const LEAST_INTERVAL = 5 * SECOND;
const LEAST_DELAY = 5 * SECOND;

export function validateUpdate(update: UpdateStrategy): ErrorTree[] {
  const { MinHealthyTime, HealthyDeadline, ProgressDeadline } = update;
  return [
    ...validateHealthCheck(update.HealthCheck),
    ...wrongIf(update.MaxParallel < 0, `Max parallel can not be less than zero: ${update.MaxParallel} < 0`),
    ...wrongIf(update.Canary < 0, `Canary count can not be less than zero: ${update.Canary} < 0`),
    ...wrongIf(update.Canary === 0 && update.AutoPromote, 'Auto Promote requires a Canary count greater than zero'),
    ...validateHealthyTimes(MinHealthyTime, HealthyDeadline),
    ...wrongIf(ProgressDeadline < 0, `Progress deadline must be zero or greater: ${formatDuration(ProgressDeadline)}`),
    ...wrongIf(
      ProgressDeadline > 0 && HealthyDeadline >= ProgressDeadline,
      `Healthy deadline must be less than progress deadline: ${formatDuration(HealthyDeadline)} > ${formatDuration(ProgressDeadline)}`,
    ),
    ...wrongIf(update.Stagger < 0, `Stagger must be zero or greater: ${formatDuration(update.Stagger)}`),
    ...wrongIf(
      (update.BatchInterval ?? 0) < 0,
      `Batch interval must be zero or greater: ${formatDuration(update.BatchInterval ?? 0)}`,
    ),
  ];
}

export function validateMigrate(migrate: MigrateStrategy): ErrorTree[] {
  return [
    ...wrongIf(migrate.MaxParallel < 0, `MaxParallel must be >= 0 but found ${migrate.MaxParallel}`),
    ...validateHealthCheck(migrate.HealthCheck),
    ...validateHealthyTimes(migrate.MinHealthyTime, migrate.HealthyDeadline),
  ];
}

export function validateRestart(policy: RestartPolicy): ErrorTree[] {
  const needed = policy.Attempts * policy.Delay;
  return [
    ...wrongIf(
      !RESTART_MODES.includes(policy.Mode),
      `Unsupported restart mode: ${JSON.stringify(policy.Mode)} (use ${RESTART_MODES.join(' or ')})`,
    ),
    ...wrongIf(policy.Attempts < 0, `Restart attempts can not be less than zero: ${policy.Attempts} < 0`),
    ...wrongIf(policy.Delay < 0, `Restart delay can not be less than zero: ${formatDuration(policy.Delay)}`),
    ...wrongIf(
      policy.Attempts === 0 && policy.Mode === 'delay',
      `Restart policy ${JSON.stringify(policy.Mode)} with ${policy.Attempts} attempts is ambiguous`,
    ),
    ...wrongIf(
      policy.Interval < LEAST_INTERVAL,
      `Interval can not be less than ${formatDuration(LEAST_INTERVAL)} (got ${formatDuration(policy.Interval)})`,
    ),
    ...wrongIf(
      needed > policy.Interval,
      `Task group can't restart ${policy.Attempts} times in an interval of ${formatDuration(policy.Interval)} with a delay of ${formatDuration(policy.Delay)}`,
    ),
  ];
}

export function validateReschedule(policy: ReschedulePolicy): ErrorTree[] {
  const isOff = !policy.Unlimited && policy.Attempts === 0;
  if (isOff) return [];
  const grows = policy.DelayFunction !== 'constant';
  const { DelayFactor } = policy;
  const least = DelayFactor === undefined ? LEAST_DELAY : SECOND;
  return [
    ...wrongIf(policy.Attempts < 0, `Reschedule attempts can not be less than zero: ${policy.Attempts} < 0`),
    ...wrongIf(
      policy.Unlimited && policy.Attempts > 0,
      `Reschedule Policy with Attempts = ${policy.Attempts} and Unlimited = true is ambiguous`,
    ),
    ...wrongIf(
      !DELAY_FUNCTIONS.includes(policy.DelayFunction),
      `Invalid delay function ${JSON.stringify(policy.DelayFunction)}, must be one of ${DELAY_FUNCTIONS.join(', ')}`,
    ),
    ...wrongIf(
      policy.Delay < least,
      `Delay cannot be less than ${formatDuration(least)} (got ${formatDuration(policy.Delay)})`,
    ),
    ...wrongIf(
      DelayFactor !== undefined && !(DelayFactor >= 1 && policy.DelayFunction === 'exponential'),
      `delay_factor must be 1 or more, with delay_function = "exponential" (got ${DelayFactor})`,
    ),
    ...wrongIf(
      grows && policy.MaxDelay < policy.Delay,
      `Max Delay cannot be less than Delay (got ${formatDuration(policy.MaxDelay)} < ${formatDuration(policy.Delay)})`,
    ),
    ...wrongIf(
      !policy.Unlimited && policy.Interval < LEAST_INTERVAL,
      `Interval cannot be less than ${formatDuration(LEAST_INTERVAL)} (got ${formatDuration(policy.Interval)})`,
    ),
  ];
}

const validateHealthCheck = (check: string): ErrorTree[] =>
  wrongIf(!HEALTH_CHECKS.includes(check), `Invalid health check given: ${JSON.stringify(check)}`);

function validateHealthyTimes(minHealthyTime: number, healthyDeadline: number): ErrorTree[] {
  return [
    ...wrongIf(minHealthyTime < 0, `Minimum healthy time may not be less than zero: ${formatDuration(minHealthyTime)}`),
    ...wrongIf(healthyDeadline <= 0, `Healthy deadline must be greater than zero: ${formatDuration(healthyDeadline)}`),
    ...wrongIf(
      minHealthyTime >= healthyDeadline,
      `Minimum healthy time must be less than healthy deadline: ${formatDuration(minHealthyTime)} > ${formatDuration(healthyDeadline)}`,
    ),
  ];
}
