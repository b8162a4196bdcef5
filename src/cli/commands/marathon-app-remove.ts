/** `marathon app remove`: stops an app and forgets it. Says nothing, as `dcos marathon` does.` */
import { forceOf, marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon }, [id], flags) => {
  await marathon.removeApp(id!, forceOf(flags));
  return 0;
});
