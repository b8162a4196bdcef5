/** `marathon debug summary`: which resource an app that waits does not find.` */
import { UsageError } from '../command.ts';
import { marathonJson } from '../format/marathon-json.ts';
import { formatMarathonSummary } from '../format/marathon-queue.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [id], flags) => {
  const app = await marathon.app(id!);
  const item = (await marathon.queue()).find((each) => each.app?.id === app.id);
  if (!item) throw new UsageError(`The application '${app.id}' does not wait for anything: all of it is launched.`);
  terminal.print(flags.is('json') ? marathonJson(item['processedOffersSummary'] ?? {}) : formatMarathonSummary(item));
  return 0;
});
