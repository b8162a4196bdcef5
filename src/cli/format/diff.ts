/**
 * A structural diff of two jobs as an indented tree of marked lines.
 * Siblings share one margin: as wide as their widest mark, so that what is unchanged lines up with what is not.
 */
import type { DiffType, FieldDiff, JobDiff, ObjectDiff, TaskDiff, TaskGroupDiff } from '../../model/plan.ts';
import type { Style } from './style.ts';
import { byName } from './words.ts';

export interface DiffOptions {
  /** Also the fields of what is wholly new or gone. */
  readonly verbose: boolean;
}

const MARKS: Readonly<Record<DiffType, string>> = { None: '', Added: '+', Deleted: '-', Edited: '+/-' };
const STEP = 2;

export function formatJobDiff(diff: JobDiff, options: DiffOptions, style: Style): string {
  const pen: Pen = { style, options };
  const head = `${ownMark(diff.Type, style)}${style.bold(`Job: "${diff.ID}"`)}`;
  if (diff.Type === 'None') return [head, ...groupLines(pen, diff.TaskGroups ?? [], 0, 0)].join('\n');
  const width = marginOf(diff, diff.TaskGroups);
  const body = showsContent(pen, diff.Type) ? contentLines(pen, diff, 0, width) : [];
  return [head, ...body, ...groupLines(pen, diff.TaskGroups ?? [], 0, width)].join('\n');
}

interface Pen {
  readonly style: Style;
  readonly options: DiffOptions;
}

interface Content {
  readonly Fields: FieldDiff[] | null;
  readonly Objects: ObjectDiff[] | null;
}

const showsContent = (pen: Pen, type: DiffType): boolean => type === 'Edited' || pen.options.verbose;

function groupLines(pen: Pen, groups: readonly TaskGroupDiff[], start: number, width: number): string[] {
  return groups.flatMap((group) => {
    const name = pen.style.bold(`Task Group: "${group.Name}"`);
    const head = `${lead(pen, group.Type, start, width)}${name}${updateCounts(group, pen.style)}`;
    const inner = innerStart(group.Type, start, width);
    const margin = marginOf(group, group.Tasks);
    const content = showsContent(pen, group.Type) ? contentLines(pen, group, inner, margin) : [];
    return [head, ...content, ...taskLines(pen, group.Tasks ?? [], inner, margin)];
  });
}

function taskLines(pen: Pen, tasks: readonly TaskDiff[], start: number, width: number): string[] {
  return tasks.flatMap((task) => {
    const name = pen.style.bold(`Task: "${task.Name}"`);
    const head = `${lead(pen, task.Type, start, width)}${name}${annotations(task.Annotations, pen.style)}`;
    if (task.Type === 'None' || !showsContent(pen, task.Type)) return [head];
    return [head, ...contentLines(pen, task, innerStart(task.Type, start, width), marginOf(task))];
  });
}

const contentLines = (pen: Pen, content: Content, start: number, width: number): string[] => [
  ...fieldLines(pen, content.Fields ?? [], start, width),
  ...(content.Objects ?? []).flatMap((object) => objectLines(pen, object, start, width)),
];

function fieldLines(pen: Pen, fields: readonly FieldDiff[], start: number, width: number): string[] {
  const longest = Math.max(0, ...fields.map((field) => field.Name.length));
  return fields.map((field) => {
    const key = `${field.Name}:`.padEnd(longest + 2);
    const notes = annotations(field.Annotations, pen.style);
    return `${lead(pen, field.Type, start, width)}${key}${changeOf(field)}${notes}`;
  });
}

function objectLines(pen: Pen, object: ObjectDiff, start: number, width: number): string[] {
  return [
    `${lead(pen, object.Type, start, width)}${object.Name} {`,
    ...contentLines(pen, object, innerStart(object.Type, start, width), marginOf(object)),
    `${' '.repeat(start + width)}}`,
  ];
}

function changeOf(field: FieldDiff): string {
  if (field.Type === 'Edited') return `"${field.Old}" => "${field.New}"`;
  return field.Type === 'Deleted' ? `"${field.Old}"` : `"${field.New}"`;
}

/** Columns that the widest mark among siblings takes, with the blank behind it; 0 where none is marked. */
function marginOf(content: Content, children: readonly { readonly Type: DiffType }[] | null = null): number {
  const siblings = [...(content.Fields ?? []), ...(content.Objects ?? []), ...(children ?? [])];
  const widest = Math.max(0, ...siblings.map(({ Type }) => MARKS[Type].length));
  return widest === 0 ? 0 : widest + 1;
}

/** What stands below an unmarked line is moved in by the margin which that line leaves empty. */
const innerStart = (type: DiffType, start: number, width: number): number =>
  start + STEP + (type === 'None' ? width : 0);

function lead(pen: Pen, type: DiffType, start: number, width: number): string {
  const padding = ' '.repeat(Math.max(0, width - MARKS[type].length));
  return `${' '.repeat(start)}${colored(type, pen.style)}${padding}`;
}

const ownMark = (type: DiffType, style: Style): string => (type === 'None' ? '' : `${colored(type, style)} `);

function colored(type: DiffType, style: Style): string {
  if (type === 'Added') return style.green('+');
  if (type === 'Deleted') return style.red('-');
  return type === 'Edited' ? style.brightYellow('+/-') : '';
}

/** "(2 create/destroy update, 4 ignore)". */
function updateCounts(group: TaskGroupDiff, style: Style): string {
  const counts = Object.entries(group.Updates ?? {}).sort(([a], [b]) => byName(a, b));
  if (counts.length === 0) return '';
  return ` (${counts.map(([word, count]) => paintWord(word, `${count} ${word}`, style)).join(', ')})`;
}

const annotations = (notes: readonly string[] | null, style: Style): string =>
  notes === null || notes.length === 0
    ? ''
    : ` (${notes.map((note) => paintWord(note.replace(/^forces /, ''), note, style)).join(', ')})`;

function paintWord(word: string, text: string, style: Style): string {
  const paints: Readonly<Record<string, (text: string) => string>> = {
    create: style.green,
    destroy: style.red,
    migrate: style.blue,
    canary: style.brightYellow,
    'in-place update': style.cyan,
    'create/destroy update': style.yellow,
  };
  return (paints[word] ?? ((plain: string) => plain))(text);
}
