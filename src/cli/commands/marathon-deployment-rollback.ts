/** `marathon deployment rollback`: leads what a deployment changed back to what was before it.` */
import { marathonJson } from '../format/marathon-json.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [id]) => {
  terminal.print(marathonJson(await marathon.rollBack(id!)));
  return 0;
});
