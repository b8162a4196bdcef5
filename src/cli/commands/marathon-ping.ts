/** `marathon ping`: whether somebody answers.` */
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }) => {
  terminal.print(await marathon.ping());
  return 0;
});
