/** What the addresses of the job views hold beside their path. */
import { type ListSearch, listSearch } from '../kit/list-search.ts';
import { JobKinds } from './job-kind.ts';

type Raw = Readonly<Record<string, unknown>>;

export interface JobsSearch extends ListSearch {
  readonly kind?: string | undefined;
}

export const jobsSearch = (search: Raw): JobsSearch => ({
  ...listSearch(search),
  kind: oneOf(JobKinds, search['kind']),
});

export interface AllocationSearch extends ListSearch {
  readonly group?: string | undefined;
}

export const allocationSearch = (search: Raw): AllocationSearch => ({
  ...listSearch(search),
  group: search['group'] === undefined || search['group'] === '' ? undefined : String(search['group']),
});

export interface VersionSearch {
  /** Absent: the newest. */
  readonly version?: number | undefined;
  /** With which it is compared; absent: with the one before it. */
  readonly against?: number | undefined;
}

export const versionSearch = (search: Raw): VersionSearch => ({
  version: versionOf(search['version']),
  against: versionOf(search['against']),
});

export const DefinitionForms = ['hcl', 'json', 'app'] as const;

export interface DefinitionSearch {
  readonly form?: (typeof DefinitionForms)[number] | undefined;
  /** Absent: the newest. */
  readonly version?: number | undefined;
}

export const definitionSearch = (search: Raw): DefinitionSearch => ({
  form: oneOf(DefinitionForms, search['form']),
  version: versionOf(search['version']),
});

function versionOf(value: unknown): number | undefined {
  const version = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof version === 'number' && Number.isSafeInteger(version) && version >= 0 ? version : undefined;
}

const oneOf = <T extends string>(known: readonly T[], value: unknown): T | undefined =>
  known.find((each) => each === value);
