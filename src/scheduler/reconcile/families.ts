/**
 * Groups whose services have a name in common are one backend to the traffic, so what a step may take away is counted
 * over all of them: ten instances moved from "green" to "blue" in one submit go as the new ones come.
 */
import { groupServices, hasIngress } from '../../model/ingress-services.ts';
import { findGroup, type Job, type TaskGroup } from '../../model/job.ts';
import { ServingBudget, scaleFloor } from './serving.ts';

export interface Family {
  readonly groups: readonly string[];
  readonly budget: ServingBudget;
  /** What an update or a migration must leave serving. */
  readonly updateFloor: number;
  /** What moving counts from one group to another must leave serving, given the job as it was before. */
  readonly scaleFloor: (before: Job | undefined) => number;
}

export interface FamilyMember {
  readonly name: string;
  /** As it is wanted now, or as it last was where the job has it no more. */
  readonly group: TaskGroup | undefined;
  readonly wanted: number;
  readonly serving: number;
  /** Somebody has said that all of it may be away at once, and nothing above its count. */
  readonly mayBeEmpty: boolean;
}

export function buildFamilies(members: readonly FamilyMember[]): Map<string, Family> {
  const families = new Map<string, Family>();
  for (const kin of kinships(members)) {
    const family = newFamily(kin);
    for (const member of kin) families.set(member.name, family);
  }
  return families;
}

function newFamily(kin: readonly FamilyMember[]): Family {
  const names = kin.map((member) => member.name);
  const after = kin.map((member) => member.wanted);
  return {
    groups: names,
    budget: new ServingBudget(kin.reduce((total, member) => total + member.serving, 0)),
    updateFloor: kin.some(keepsOne) ? 1 : 0,
    scaleFloor: (before) =>
      kin.length === 1 || !before
        ? 0
        : scaleFloor(
            names.map((name) => findGroup(before, name)?.Count ?? 0),
            after,
          ),
  };
}

const keepsOne = ({ group, wanted, mayBeEmpty }: FamilyMember): boolean =>
  wanted > 0 && !mayBeEmpty && group !== undefined && hasIngress(group);

/** Members joined, directly or through others, by a service name. */
function kinships(members: readonly FamilyMember[]): FamilyMember[][] {
  let kins: { readonly members: FamilyMember[]; readonly names: ReadonlySet<string> }[] = [];
  for (const member of members) {
    const names = new Set(member.group ? groupServices(member.group).map((service) => service.Name) : []);
    const related = kins.filter((kin) => [...names].some((name) => kin.names.has(name)));
    const joined = {
      members: [...related.flatMap((kin) => kin.members), member],
      names: new Set([...related.flatMap((kin) => [...kin.names]), ...names]),
    };
    kins = [...kins.filter((kin) => !related.includes(kin)), joined];
  }
  return kins.map((kin) => kin.members);
}
