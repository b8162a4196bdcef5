import { describe, expect, it } from 'vitest';
import type { TaskGroup } from '../model/job.ts';
import { type CheckReport, checkReports } from './check-report.ts';
import { afterResult, type CheckResult, type CheckState, initialCheckState } from './check-state.ts';

const check = (changes: object = {}) => ({
  Name: '',
  Type: 'http',
  InitialStatus: '',
  SuccessBeforePassing: 0,
  FailuresBeforeCritical: 0,
  FailuresBeforeWarning: 0,
  OnUpdate: 'require_healthy',
  ...changes,
});
const service = (Checks: object[], changes: object = {}) => ({
  Name: 'web',
  PortLabel: 'http',
  TaskName: '',
  Checks,
  ...changes,
});
const groupWith = (services: object[], taskServices: object[] = []) =>
  ({
    Services: services,
    Tasks: [{ Name: 'server', Lifecycle: null, Services: taskServices }],
  }) as unknown as TaskGroup;

const alloc = { ID: 'a1', Name: 'shop.app[0]' };

function reportsOf(group: TaskGroup, states: Readonly<Record<string, CheckState>> = {}): CheckReport[] {
  const state = (key: string) => Object.entries(states).find(([known]) => key.startsWith(known))?.[1];
  return Object.values(checkReports({ alloc, group, state }));
}

function stateAfter(results: readonly CheckResult[], rules: object = {}): CheckState {
  const checked = check(rules);
  return results.reduce(
    (state, result, at) => afterResult(state, result, checked, 5_000 + at * 1_000),
    initialCheckState(checked, 0),
  );
}

const good: CheckResult = { grade: 'passing', output: 'fine', statusCode: 204 };
const bad: CheckResult = { grade: 'critical', output: 'HTTP 500', statusCode: 500 };
const mild: CheckResult = { grade: 'warning', output: 'slow', statusCode: 429 };

describe('the report of a check', () => {
  it('that nobody has made yet is pending', () => {
    expect(reportsOf(groupWith([service([check()])]))).toMatchObject([
      {
        Check: 'service: "web" check',
        Group: 'shop.app[0]',
        Task: '',
        Service: 'web',
        Mode: 'healthiness',
        Status: 'pending',
        StatusCode: 0,
        Timestamp: 0,
        Successes: 0,
        Failures: 0,
        History: [],
      },
    ]);
  });

  it('has the last result and how many in a row were like it', () => {
    const [report] = reportsOf(groupWith([service([check()])]), { web: stateAfter([bad, good, good]) });
    expect(report).toMatchObject({ Status: 'success', StatusCode: 204, Output: 'fine', Successes: 2, Failures: 0 });
    expect(report?.Timestamp).toBe(7);
    expect(report?.History.map(({ Result, Count }) => [Result, Count])).toEqual([
      ['critical', 1],
      ['passing', 2],
    ]);
  });

  it.each([
    [bad, 'require_healthy', 'failure', 'critical', 'healthiness'],
    [mild, 'require_healthy', 'failure', 'warning', 'healthiness'],
    [mild, 'ignore_warnings', 'success', 'warning', 'healthiness'],
    [bad, 'ignore', 'failure', 'critical', 'readiness'],
  ] as const)('of %j with on_update %s is a %s', (result, OnUpdate, Status, CheckStatus, Mode) => {
    const [report] = reportsOf(groupWith([service([check({ OnUpdate })])]), {
      web: stateAfter([result], { OnUpdate }),
    });
    expect(report).toMatchObject({ Status, CheckStatus, Mode });
  });

  it("names the task of a task's service", () => {
    const reports = reportsOf(groupWith([service([], { TaskName: 'server' })], [service([check()], { Name: 'own' })]));
    expect(reports.map(({ Service, Task }) => [Service, Task])).toEqual([['own', 'server']]);
  });

  it('has an id that stays, of its own for each check and allocation', () => {
    const group = groupWith([service([check(), check({ Name: 'second' })])]);
    const ids = Object.keys(checkReports({ alloc, group, state: () => undefined }));
    const others = Object.keys(checkReports({ alloc: { ...alloc, ID: 'a2' }, group, state: () => undefined }));
    expect(new Set([...ids, ...others]).size).toBe(4);
    expect(Object.keys(checkReports({ alloc, group, state: () => undefined }))).toEqual(ids);
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
  });
});
