/** `marathon app version list`: when an app changed, the newest first.` */
import { marathonJson } from '../format/marathon-json.ts';
import { marathonCommand } from '../marathon.ts';
import { countOf } from '../marathon-input.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [id], flags) => {
  const most = countOf(flags, 'max-count');
  const versions = await marathon.versions(id!);
  terminal.print(marathonJson(versions.slice(0, most)));
  return 0;
});
