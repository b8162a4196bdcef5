/** A check's status from its results, one after the other. Pure; thresholds count results in a row. */
import type { AllocCheckResult, AllocCheckStatus, CheckResponse } from '../model/allocation.ts';
import type { ServiceCheck } from '../model/service.ts';

/** What one look found. A warning is a failure that its maker calls a mild one. */
export type CheckGrade = 'passing' | 'warning' | 'critical';

export interface CheckResult {
  readonly grade: CheckGrade;
  readonly output: string;
  /** It says nothing, good or bad: what was known before stays. */
  readonly isIgnored?: true;
  /** Of an HTTP answer. */
  readonly statusCode?: number;
  readonly response?: CheckResponse;
}

export interface CheckState {
  readonly status: AllocCheckStatus['Status'];
  readonly output: string;
  readonly timestampMs: number;
  /** Of the last result, where that was an HTTP answer. */
  readonly statusCode?: number;
  /** Since when it has been good without a break, as `isGood` understands it; undefined while it is not. */
  readonly passingSinceMs: number | undefined;
  readonly successes: number;
  /** Results in a row that were not passing… */
  readonly failures: number;
  /** …and those in a row that were critical; absent in what earlier versions wrote. */
  readonly criticals?: number;
  /** Of the first look that passed, and of the last ones that did and did not. */
  readonly firstPassMs?: number;
  readonly lastPassMs?: number;
  readonly lastFailMs?: number;
  /** What the last look that did not pass found. */
  readonly lastFailOutput?: string;
  /** Of a check that says when an instance is ready. */
  readonly response?: CheckResponse;
  /** What it found before, newest last; equal results in a row are one entry. */
  readonly history?: readonly AllocCheckResult[];
}

export type CheckRules = Pick<
  ServiceCheck,
  | 'SuccessBeforePassing'
  | 'FailuresBeforeCritical'
  | 'FailuresBeforeWarning'
  | 'InitialStatus'
  | 'OnUpdate'
  | 'Readiness'
>;

/** `initial_status = "passing"` takes traffic before the first result. */
export function initialCheckState(check: CheckRules, nowMs: number): CheckState {
  const status = INITIAL[check.InitialStatus] ?? 'pending';
  const passingSinceMs = isGood(status, check) ? nowMs : undefined;
  return { status, output: '', timestampMs: nowMs, passingSinceMs, successes: 0, failures: 0, criticals: 0 };
}

/** "critical" is what everything waits for anyway: until the first result nobody knows, and `pending` says so. */
const INITIAL: Readonly<Record<string, CheckState['status']>> = { passing: 'passing', warning: 'warning' };

export function afterResult(state: CheckState, result: CheckResult, check: CheckRules, nowMs: number): CheckState {
  const { grade, output } = result;
  const successes = grade === 'passing' ? state.successes + 1 : 0;
  const failures = grade === 'passing' ? 0 : state.failures + 1;
  const criticals = grade === 'critical' ? (state.criticals ?? state.failures) + 1 : 0;
  const status = nextStatus({ now: state.status, grade, successes, failures, criticals }, check);
  const passingSinceMs = isGood(status, check) ? (state.passingSinceMs ?? nowMs) : undefined;
  const history = withResult(state.history ?? [], { Result: grade, Status: status, Output: output }, nowMs);
  const counts = { successes, failures, criticals };
  const { statusCode } = result;
  const answered = statusCode === undefined ? {} : { statusCode };
  const kept = {
    ...timesOf(state, result, nowMs),
    ...(check.Readiness && result.response && { response: result.response }),
  };
  return { status, output, timestampMs: nowMs, passingSinceMs, ...counts, ...kept, history, ...answered };
}

function timesOf(
  { firstPassMs, lastPassMs, lastFailMs, lastFailOutput }: CheckState,
  { grade, output }: CheckResult,
  nowMs: number,
): Pick<CheckState, 'firstPassMs' | 'lastPassMs' | 'lastFailMs' | 'lastFailOutput'> {
  const first = firstPassMs ?? (grade === 'passing' ? nowMs : undefined);
  const passed = grade === 'passing' ? nowMs : lastPassMs;
  const failed = grade === 'passing' ? lastFailMs : nowMs;
  const cause = grade === 'passing' ? lastFailOutput : output;
  return {
    ...(first !== undefined && { firstPassMs: first }),
    ...(passed !== undefined && { lastPassMs: passed }),
    ...(failed !== undefined && { lastFailMs: failed }),
    ...(cause !== undefined && { lastFailOutput: cause }),
  };
}

interface Count {
  readonly now: CheckState['status'];
  readonly grade: CheckGrade;
  readonly successes: number;
  readonly failures: number;
  readonly criticals: number;
}

interface Rule {
  readonly status: CheckGrade;
  readonly applies: (count: Count, check: CheckRules) => boolean;
}

const times = (wanted: number | undefined): number => Math.max(1, wanted ?? 0);

/** The first that applies; where none does, too little has happened to change anything. */
const RULES: readonly Rule[] = [
  {
    status: 'passing',
    applies: ({ grade, successes }, check) => grade === 'passing' && successes >= times(check.SuccessBeforePassing),
  },
  {
    status: 'critical',
    applies: ({ grade, criticals }, check) => grade === 'critical' && criticals >= times(check.FailuresBeforeCritical),
  },
  {
    status: 'warning',
    applies: ({ grade, failures }, check) => grade === 'warning' && failures >= times(check.FailuresBeforeWarning),
  },
  {
    // Failures that are not yet enough to be critical; what is critical already gets no better by one more of them.
    status: 'warning',
    applies: ({ now, grade, failures }, { FailuresBeforeWarning = 0 }) =>
      grade === 'critical' && now !== 'critical' && FailuresBeforeWarning > 0 && failures >= FailuresBeforeWarning,
  },
];

const nextStatus = (count: Count, check: CheckRules): CheckState['status'] =>
  RULES.find((rule) => rule.applies(count, check))?.status ?? count.now;

/**
 * Whether an instance with this check may take requests. `on_update` says whether a warning is good enough; a check that
 * is critical keeps requests away whatever a deployment thinks of it.
 */
export const isGood = (status: CheckState['status'], { OnUpdate }: Pick<ServiceCheck, 'OnUpdate'>): boolean =>
  status === 'passing' || (status === 'warning' && (OnUpdate === 'ignore_warnings' || OnUpdate === 'ignore'));

/** Some minutes of a check that flaps, or days of one that does not. */
const HISTORY_LENGTH = 10;
const HISTORY_OUTPUT = 512;

function withResult(
  history: readonly AllocCheckResult[],
  found: Pick<AllocCheckResult, 'Result' | 'Status' | 'Output'>,
  nowMs: number,
): AllocCheckResult[] {
  const Output = found.Output.slice(0, HISTORY_OUTPUT);
  const last = history.at(-1);
  if (last?.Result === found.Result && last.Status === found.Status) {
    return [...history.slice(0, -1), { ...last, Output, LastMs: nowMs, Count: last.Count + 1 }];
  }
  const entry = { ...found, Output, FirstMs: nowMs, LastMs: nowMs, Count: 1 };
  return [...history, entry].slice(-HISTORY_LENGTH);
}

/** The first looks come quickly, so that a new instance does not wait for its interval; later ones keep to it. */
const QUICK_FIRST_MS = 20;
const QUICK_GROWTH = 1.4;
const QUICK_LAST_MS = 200;
const QUICK_FOR_MS = 15_000;

export interface CheckPace {
  readonly intervalMs: number;
  /** Results so far, since the task started. */
  readonly results: number;
  readonly hasPassed: boolean;
  readonly sinceStartMs: number;
}

/** How long until the next look. */
export function nextCheckMs(pace: CheckPace): number {
  if (pace.hasPassed || pace.sinceStartMs > QUICK_FOR_MS) return pace.intervalMs;
  return Math.min(pace.intervalMs, QUICK_LAST_MS, QUICK_FIRST_MS * QUICK_GROWTH ** (pace.results - 1));
}
