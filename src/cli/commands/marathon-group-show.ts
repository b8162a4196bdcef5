/** `marathon group show`: a group as it is, or as it was in an earlier version.` */
import { marathonJson } from '../format/marathon-json.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [id], flags) => {
  terminal.print(marathonJson(await marathon.group(id!, flags.text('group-version'))));
  return 0;
});
