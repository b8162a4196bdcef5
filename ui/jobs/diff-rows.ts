/**
 * The wire's structural difference of two jobs as rows with the old value left and the new one right, one section for the
 * job, each group and each task. Pure.
 */
import { type DiffType, DiffTypes, type FieldDiff, type JobDiff, type ObjectDiff } from '../../src/model/plan.ts';
import { type AlignedLine, alignLines } from './align-lines.ts';
import { spanText } from './span-text.ts';

export interface DiffSection {
  readonly title: string;
  readonly type: DiffType;
  /** What it means for the instances; of a plan alone. */
  readonly updates: readonly string[];
  readonly rows: readonly DiffRow[];
}

export interface DiffRow {
  /** "Update", "MaxParallel". */
  readonly path: readonly string[];
  readonly type: DiffType;
  /** undefined: there was none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** Of texts of several lines, in place of the two above. */
  readonly lines?: readonly AlignedLine[];
  /** The scheduler's words: "forces create/destroy update". */
  readonly notes: readonly string[];
}

export interface DiffOptions {
  /** Whether what did not change is shown beside what did. */
  readonly unchanged: boolean;
}

type Part = {
  readonly Type: DiffType;
  readonly Fields: FieldDiff[] | null;
  readonly Objects: ObjectDiff[] | null;
};

export function diffSections(diff: JobDiff, options: DiffOptions): readonly DiffSection[] {
  const sections = [
    section('Job', diff, [], options),
    ...(diff.TaskGroups ?? []).flatMap((group) => [
      section(`Group "${group.Name}"`, group, updateWords(group.Updates ?? {}), options),
      ...(group.Tasks ?? []).map((task) => section(`Task "${task.Name}" of group "${group.Name}"`, task, [], options)),
    ]),
  ];
  return sections.filter(({ rows, updates, type }) => rows.length > 0 || updates.length > 0 || isWhole(type));
}

/** Added or gone as a whole, even where no field says so. */
const isWhole = (type: DiffType): boolean => type === DiffTypes.added || type === DiffTypes.deleted;

const section = (title: string, part: Part, updates: readonly string[], options: DiffOptions): DiffSection => ({
  title,
  type: part.Type,
  updates,
  rows: rowsOf(part, [], options),
});

function rowsOf(part: Part, path: readonly string[], options: DiffOptions): readonly DiffRow[] {
  const fields = (part.Fields ?? []).filter(({ Type }) => options.unchanged || Type !== DiffTypes.none);
  return [
    ...fields.map((field) => rowOf(field, path)),
    ...(part.Objects ?? []).flatMap((object) => rowsOf(object, [...path, object.Name], options)),
  ];
}

function rowOf({ Name, Type, Old, New, Annotations }: FieldDiff, path: readonly string[]): DiffRow {
  const before = Type === DiffTypes.added ? undefined : shown(Name, Old);
  const after = Type === DiffTypes.deleted ? undefined : shown(Name, New);
  const row = { path: [...path, Name], type: Type, before, after, notes: Annotations ?? [] };
  const isLong = before?.includes('\n') || after?.includes('\n');
  return isLong ? { ...row, lines: alignLines(before ?? '', after ?? '') } : row;
}

/** Durations are nanoseconds on the wire. */
const DURATIONS =
  /^(Stagger|BatchInterval|KeepWarm|MinHealthyTime|HealthyDeadline|ProgressDeadline|Interval|Timeout|Delay|MaxDelay|KillTimeout|ShutdownDelay|StopAfterClientDisconnect|Grace|Splay|VaultGrace|DrainDeadline|Hold|RequestTimeout|ConnectTimeout|IdleTimeout)$/;

const shown = (name: string, value: string): string =>
  DURATIONS.test(name) && /^\d+$/.test(value) ? spanText(Number(value)) : value;

const WORDS: Readonly<Record<string, readonly [one: string, more: string]>> = {
  create: ['1 starts', 'start'],
  destroy: ['1 stops', 'stop'],
  migrate: ['1 moves to another node', 'move to another node'],
  canary: ['1 starts as a canary', 'start as canaries'],
  'in-place update': [
    '1 goes on under the new version, without a restart',
    'go on under the new version, without a restart',
  ],
  'create/destroy update': ['1 is replaced now', 'are replaced now'],
  ignore: ['1 stays as it is', 'stay as they are'],
};

export const updateWords = (updates: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(updates).map(([word, count]) => {
    const [one, more] = WORDS[word] ?? [`1 ${word}`, word];
    return count === 1 ? one : `${count} ${more}`;
  });
