/** `marathon deployment stop`: ends a deployment where it is. Says nothing, as `dcos marathon` does.` */
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon }, [id]) => {
  await marathon.stopDeployment(id!);
  return 0;
});
