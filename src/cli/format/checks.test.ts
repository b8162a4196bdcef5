import { expect, it } from 'vitest';
import type { CheckView } from '../../api/views.ts';
import { formatChecks, formatCheckTable, sortedChecks } from './checks.ts';

const nowMs = Date.parse('2026-11-20T16:15:52Z');
const view = { nowMs, verbose: false };

const check = (changes: Partial<CheckView> = {}): CheckView => ({
  ID: '9f4e18fd0867cebb19a8fac3d7a1cf27',
  Check: 'alive',
  Group: 'shop.app[0]',
  Task: '',
  Service: 'web',
  Mode: 'healthiness',
  Status: 'success',
  StatusCode: 200,
  Output: 'HTTP GET: 200 OK',
  Timestamp: nowMs / 1000 - 5,
  Successes: 12,
  Failures: 0,
  ...changes,
});

it('checks are a line each: how often in a row, when, and what was said last', () => {
  const failing = { Check: 'ready', Task: 'api', Status: 'failure', Successes: 0, Failures: 1, Output: 'no\nanswer' };
  const never = { Check: 'zero', Status: 'pending', Successes: 0, Timestamp: 0, Output: '' };
  const checks = sortedChecks({ c: check(never), b: check(failing), a: check() });
  expect(formatCheckTable(checks, view)).toBe(
    [
      'Service  Task     Check  Mode         Status   In a Row      When     Output',
      'web      (group)  alive  healthiness  success  12 successes  5s ago   HTTP GET: 200 OK',
      'web      api      ready  healthiness  failure  1 failure     5s ago   no answer',
      'web      (group)  zero   healthiness  pending  -             not yet  -',
    ].join('\n'),
  );
});

it('a warning that counts as good is named', () => {
  const table = formatCheckTable([check({ CheckStatus: 'warning', Successes: 0, Failures: 3 })], view);
  expect(table).toContain('success (warning)  3 failures');
});

it('checks are shown in full, and with -verbose what they found before', () => {
  const History = [
    { Result: 'critical' as const, Status: 'critical' as const, Output: 'refused', FirstMs: 0, LastMs: 1000, Count: 2 },
    { Result: 'passing' as const, Status: 'passing' as const, Output: 'ok', FirstMs: 2000, LastMs: 9000, Count: 8 },
  ];
  expect(formatChecks([check({ History })], view)).toBe(
    [
      'Status of 1 Nomad Service Check',
      '',
      'ID         = 9f4e18fd0867cebb19a8fac3d7a1cf27',
      'Name       = alive',
      'Group      = shop.app[0]',
      'Task       = (group)',
      'Service    = web',
      'Status     = success',
      'StatusCode = 200',
      'Mode       = healthiness',
      'Timestamp  = 2026-11-20T16:15:47Z',
      'In a Row   = 12 successes',
      'Output     = HTTP GET: 200 OK',
    ].join('\n'),
  );
  expect(formatChecks([check({ History })], { nowMs, verbose: true })).toContain(
    [
      'From                  To                    Result    Times  Output',
      '1970-01-01T00:00:02Z  1970-01-01T00:00:09Z  passing   8      ok',
      '1970-01-01T00:00:00Z  1970-01-01T00:00:01Z  critical  2      refused',
    ].join('\n'),
  );
});
