/** `marathon about`: who answers there.` */
import { marathonJson } from '../format/marathon-json.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }) => {
  terminal.print(marathonJson(await marathon.info()));
  return 0;
});
