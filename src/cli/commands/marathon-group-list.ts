/** `marathon group list`: every group and how many apps stand in it.` */
import { formatMarathonGroups, groupsWithin } from '../format/marathon-group.ts';
import { marathonJson } from '../format/marathon-json.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, _, flags) => {
  const root = await marathon.group('/');
  const text = flags.is('json') ? marathonJson(groupsWithin(root)) : formatMarathonGroups(root);
  if (text !== '') terminal.print(text);
  return 0;
});
