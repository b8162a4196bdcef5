/** `marathon group remove`: a group with all that stands in it. Says nothing, as `dcos marathon` does.` */
import { forceOf, marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon }, [id], flags) => {
  await marathon.removeGroup(id!, forceOf(flags));
  return 0;
});
