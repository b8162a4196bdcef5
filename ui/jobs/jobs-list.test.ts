import { expect, it } from 'vitest';
import { countsOf, countWords } from './instance-words.ts';
import { kindOf } from './job-kind.ts';
import { allocationSearch, definitionSearch, jobsSearch, versionSearch } from './searches.ts';

it.each([
  [{ Type: 'service' as const }, 'service'],
  [{ Type: 'service' as const, Marathon: true }, 'marathon'],
  [{ Type: 'batch' as const, Periodic: true }, 'periodic'],
  [{ Type: 'batch' as const, Periodic: null, ParameterizedJob: {} }, 'parameterized'],
])('a job is of one kind: %j', (job, kind) => {
  expect(kindOf(job)).toBe(kind);
});

it('the instances of a job are counted over its groups, those that are over left out', () => {
  const group = { Queued: 1, Complete: 5, Failed: 2, Running: 2, Starting: 1, Lost: 0 };
  const JobSummary = {
    JobID: 'web',
    Namespace: 'default',
    Summary: { a: group, b: { ...group, Starting: 0 } },
    Children: { Pending: 0, Running: 0, Dead: 0 },
    CreateIndex: 1,
    ModifyIndex: 1,
  };
  expect(countsOf({ JobSummary })).toEqual({ running: 4, starting: 1, queued: 2 });
  expect(countWords(countsOf({ JobSummary }))).toBe('4 running, 1 starting, 2 without a place');
  expect(countWords(countsOf({ JobSummary: null }))).toBe('none');
});

it('an address holds only what its view understands', () => {
  expect(jobsSearch({ q: 'web', kind: 'marathon' })).toMatchObject({ q: 'web', kind: 'marathon' });
  expect(jobsSearch({ kind: 'nope' }).kind).toBeUndefined();
  expect(allocationSearch({ group: 7, status: '' })).toMatchObject({ group: '7', status: undefined });
  expect(versionSearch({ version: '3', against: 0 })).toEqual({ version: 3, against: 0 });
  expect(versionSearch({ version: 'x', against: -1 })).toEqual({ version: undefined, against: undefined });
  expect(definitionSearch({ form: 'json', version: 2 })).toEqual({ form: 'json', version: 2 });
});
