/** `marathon leader show`: who leads.` */
import { marathonJson } from '../format/marathon-json.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, _, flags) => {
  const answer = await marathon.leader();
  terminal.print(flags.is('json') ? marathonJson(answer) : answer.leader);
  return 0;
});
