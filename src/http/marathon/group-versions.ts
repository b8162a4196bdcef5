/** What a group was after each change of anything in it, as the history knows it, also of one that is gone. */
import { groupIds, type Root } from '../../marathon/root.ts';
import { rootAt, versionsOfGroup } from '../../server/marathon/history.ts';
import { MarathonNotFound } from '../../server/marathon/operations.ts';
import { MarathonRefusal } from './errors.ts';
import type { World } from './world.ts';

/** Every time at which something in it changed, newest first. */
export function groupVersions({ tx, root }: World, id: string): string[] {
  const versions = versionsOfGroup(tx, id);
  if (versions.length === 0 && !groupIds(root).includes(id)) throw new MarathonNotFound(`Group '${id}' does not exist`);
  return versions;
}

/** Everything as it was then. */
export function shownAt(world: World, id: string, version: string): Root {
  const then = groupAt(world, id, version);
  if (!then) throw new MarathonNotFound(`Group '${id}' does not exist in version ${version}`);
  return then;
}

/** The same, of a version that is to be led back to: there the wire has another answer. */
export function targetAt(world: World, id: string, version: string): Root {
  const then = groupAt(world, id, version);
  if (!then) throw new MarathonRefusal(422, `Group '${id}' not available in version ${version}`);
  return then;
}

function groupAt({ tx }: World, id: string, version: string): Root | undefined {
  const then = rootAt(tx, version);
  return then && groupIds(then).includes(id) ? then : undefined;
}
