import { describe, expect, it } from 'vitest';
import type { FieldDiff, JobDiff } from '../../src/model/plan.ts';
import { diffSections, updateWords } from './diff-rows.ts';

const field = (Name: string, Old: string, New: string, Type: FieldDiff['Type'] = 'Edited'): FieldDiff => ({
  Name,
  Old,
  New,
  Type,
  Annotations: null,
});

const DIFF: JobDiff = {
  Type: 'Edited',
  ID: 'web',
  Fields: [field('Priority', '50', '70'), field('Type', 'service', 'service', 'None')],
  Objects: null,
  TaskGroups: [
    {
      Type: 'Edited',
      Name: 'app',
      Fields: [{ ...field('Count', '3', '5'), Annotations: ['forces create'] }],
      Objects: [
        {
          Type: 'Edited',
          Name: 'Update',
          Fields: [field('MinHealthyTime', '10000000000', '90000000000'), field('Canary', '0', '0', 'None')],
          Objects: null,
        },
      ],
      Tasks: [
        {
          Type: 'Edited',
          Name: 'server',
          Fields: [field('Env[DEBUG]', '', '1', 'Added'), field('Env[OLD]', 'x', '', 'Deleted')],
          Objects: null,
          Annotations: null,
        },
        { Type: 'None', Name: 'other', Fields: null, Objects: null, Annotations: null },
      ],
      Updates: { create: 2, 'create/destroy update': 1, 'in-place update': 2 },
    },
    { Type: 'Deleted', Name: 'gone', Fields: null, Objects: null, Tasks: null, Updates: null },
  ],
};

describe('the difference of two versions', () => {
  const sections = diffSections(DIFF, { unchanged: false });

  it('has a section for the job and for each group and task where something changed', () => {
    expect(sections.map(({ title, type }) => [title, type])).toEqual([
      ['Job', 'Edited'],
      ['Group "app"', 'Edited'],
      ['Task "server" of group "app"', 'Edited'],
      ['Group "gone"', 'Deleted'],
    ]);
  });

  it('names each field by its way, with the old value left and the new one right', () => {
    const rows = sections.flatMap((section) => section.rows);
    expect(rows.map(({ path, before, after }) => [path.join(' › '), before, after])).toEqual([
      ['Priority', '50', '70'],
      ['Count', '3', '5'],
      ['Update › MinHealthyTime', '10s', '1m30s'],
      ['Env[DEBUG]', undefined, '1'],
      ['Env[OLD]', 'x', undefined],
    ]);
  });

  it('says what it means for the instances', () => {
    expect(sections[1]).toMatchObject({
      updates: ['2 start', '1 is replaced now', '2 go on under the new version, without a restart'],
    });
    expect(sections[1]?.rows[0]?.notes).toEqual(['forces create']);
    expect(updateWords({ preemptions: 1 })).toEqual(['1 preemptions']);
  });

  it('shows what stays where somebody asks for it', () => {
    const names = diffSections(DIFF, { unchanged: true }).flatMap(({ rows }) => rows.map(({ path }) => path.at(-1)));
    expect(names).toContain('Type');
    expect(names).toContain('Canary');
  });

  it('sets texts of several lines beside each other line by line', () => {
    const template = field('EmbeddedTmpl', 'a\nb\n', 'a\nc\n');
    const [section] = diffSections({ ...DIFF, Fields: [template], TaskGroups: null }, { unchanged: false });
    expect(section?.rows[0]?.lines).toEqual([
      { before: 'a', after: 'a', isSame: true },
      { before: 'b', after: 'c', isSame: false },
    ]);
  });

  it('is empty where they say the same', () => {
    expect(
      diffSections({ Type: 'None', ID: 'web', Fields: null, Objects: null, TaskGroups: null }, { unchanged: false }),
    ).toEqual([]);
  });
});
