import { describe, expect, it } from 'vitest';
import type { PlanView } from '../../api/views.ts';
import { type AllocMetric, EMPTY_METRIC } from '../../model/allocation.ts';
import type { DesiredUpdates, JobDiff } from '../../model/plan.ts';
import { golden } from '../testing/fake-agent.ts';
import { formatJobDiff } from './diff.ts';
import { formatPlan, planExitCode } from './plan.ts';
import { colorStyle, plainStyle } from './style.ts';

const screens = golden<Record<'rolling' | 'rollingWithoutDiff' | 'canary', string>>('plan-screens.json');
const rolling = golden<PlanView>('plan-rolling.json');
const canary = golden<PlanView>('plan-canary.json');
const options = { verbose: false, diff: true, runArguments: 'web-v2.nomad' };

const metric = (over: Partial<AllocMetric>): AllocMetric => ({
  ...EMPTY_METRIC,
  NodesEvaluated: 1,
  NodesAvailable: { dc1: 1 },
  ...over,
});

describe('a plan', () => {
  it('of a rolling update reads as the peer prints it', () => {
    expect(formatPlan(rolling, options, plainStyle)).toBe(screens.rolling);
  });

  it('without its diff keeps the rest', () => {
    expect(formatPlan(rolling, { ...options, diff: false }, plainStyle)).toBe(screens.rollingWithoutDiff);
  });

  it('of a canary reads as the peer prints it', () => {
    expect(formatPlan(canary, { ...options, runArguments: 'web-c1.nomad' }, plainStyle)).toBe(screens.canary);
  });

  it('says its course in sentences below the dry run', () => {
    const plan = { ...rolling, Course: ['Rolling update, next evaluation will be in 10s.'] };
    expect(formatPlan(plan, options, plainStyle)).toContain(
      'Scheduler dry-run:\n- All tasks successfully allocated.\n- Rolling update, next evaluation will be in 10s.\n\nJob Modify',
    );
  });

  it('says why allocations cannot be placed', () => {
    const FailedTGAllocs = {
      app: metric({ CoalescedFailures: 2, NodesExhausted: 1, DimensionExhausted: { memory: 1 } }),
      db: metric({ NodesEvaluated: 0, NodesAvailable: { dc9: 0 } }),
    };
    const text = formatPlan({ ...rolling, FailedTGAllocs }, options, plainStyle);
    expect(text).toContain(`- WARNING: Failed to place all allocations.
  Task Group "app" (failed to place 3 allocations):
    * Resources exhausted on 1 nodes
    * Dimension "memory" exhausted on 1 nodes
  Task Group "db" (failed to place 1 allocation):
    * No nodes were eligible for evaluation
    * No nodes are available in datacenter "dc9"`);
  });

  it('carries the variables into the command that submits it', () => {
    const text = formatPlan(rolling, { ...options, runArguments: '-var "a=b" web.hcl' }, plainStyle);
    expect(text).toContain('serin job run -check-index 10 -var "a=b" web.hcl');
  });

  it.each<[Partial<DesiredUpdates>, 0 | 1]>([
    [{ Ignore: 6 }, 0],
    [{ InPlaceUpdate: 6 }, 0],
    [{ DestructiveUpdate: 2, Ignore: 4 }, 1],
    [{ Place: 2 }, 1],
    [{ Stop: 2, InPlaceUpdate: 6 }, 1],
    [{ Canary: 1 }, 1],
  ])('with %o leaves with status %i', (updates, status) => {
    const none = rolling.Annotations!.DesiredTGUpdates['app']!;
    const app = { ...none, Ignore: 0, DestructiveUpdate: 0, ...updates };
    expect(planExitCode({ ...rolling, Annotations: { DesiredTGUpdates: { app }, PreemptedAllocs: null } })).toBe(
      status,
    );
  });

  it('colours marks and counts on a terminal', async () => {
    const text = formatPlan(rolling, options, await colorStyle());
    expect(text).toContain('\x1b[93m+/-\x1b[39m \x1b[1mJob: "web"\x1b[22m');
    expect(text).toContain('\x1b[33m2 create/destroy update\x1b[39m, 4 ignore');
    expect(text).toContain('\x1b[32m- All tasks successfully allocated.');
  });
});

describe('a diff', () => {
  const group = (over: Partial<NonNullable<JobDiff['TaskGroups']>[number]>) => ({
    Type: 'None' as const,
    Name: 'app',
    Fields: null,
    Objects: null,
    Tasks: [{ Type: 'None' as const, Name: 'server', Fields: null, Objects: null, Annotations: null }],
    Updates: { ignore: 6 },
    ...over,
  });

  it('of nothing has no marks and no margin', () => {
    const diff: JobDiff = { Type: 'None', ID: 'web', Fields: null, Objects: null, TaskGroups: [group({})] };
    expect(formatJobDiff(diff, { verbose: false }, plainStyle)).toBe(
      'Job: "web"\nTask Group: "app" (6 ignore)\n  Task: "server"',
    );
  });

  it('keeps what is unchanged in line with what is not', () => {
    const field = { Type: 'Added' as const, Name: 'Meta[owner]', Old: '', New: 'x', Annotations: null };
    const diff: JobDiff = { Type: 'Edited', ID: 'web', Fields: [field], Objects: null, TaskGroups: [group({})] };
    expect(formatJobDiff(diff, { verbose: false }, plainStyle)).toBe(
      '+/- Job: "web"\n+ Meta[owner]: "x"\n  Task Group: "app" (6 ignore)\n    Task: "server"',
    );
  });

  it('of a new job names its groups and tasks, and every field when verbose', () => {
    const count = { Type: 'Added' as const, Name: 'Count', Old: '', New: '6', Annotations: ['forces create'] };
    const added = group({ Type: 'Added', Fields: [count], Tasks: [], Updates: { create: 6 } });
    const diff: JobDiff = { Type: 'Added', ID: 'web', Fields: null, Objects: null, TaskGroups: [added] };
    expect(formatJobDiff(diff, { verbose: false }, plainStyle)).toBe('+ Job: "web"\n+ Task Group: "app" (6 create)');
    expect(formatJobDiff(diff, { verbose: true }, plainStyle)).toBe(
      '+ Job: "web"\n+ Task Group: "app" (6 create)\n  + Count: "6" (forces create)',
    );
  });
});
