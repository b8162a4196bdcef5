/** `marathon debug list`: what waits to be launched.` */
import { marathonJson } from '../format/marathon-json.ts';
import { formatMarathonQueue } from '../format/marathon-queue.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, _, flags) => {
  const queue = await marathon.queue();
  const text = flags.is('json') ? marathonJson(queue) : formatMarathonQueue(queue);
  if (text !== '') terminal.print(text);
  return 0;
});
