/** The list of groups, those within others too. */
import type { MarathonGroupView } from '../../api/marathon-views.ts';
import { marathonTable } from './marathon-table.ts';

const COLUMNS = [
  { name: 'ID', left: true },
  { name: 'APPS', left: true },
] as const;

/** "" where there is none but the root. */
export function formatMarathonGroups(root: MarathonGroupView): string {
  const groups = groupsWithin(root);
  if (groups.length === 0) return '';
  return marathonTable(
    COLUMNS,
    groups.map((group) => [group.id, String(appsWithin(group))]),
  );
}

export const groupsWithin = ({ groups }: MarathonGroupView): MarathonGroupView[] =>
  groups.flatMap((group) => [group, ...groupsWithin(group)]);

const appsWithin = (group: MarathonGroupView): number =>
  [group, ...groupsWithin(group)].reduce((sum, { apps }) => sum + apps.length, 0);
