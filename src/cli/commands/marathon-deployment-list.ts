/** `marathon deployment list`: what goes on, of all apps or of one. Exit status 1 where nothing does.` */
import { UsageError } from '../command.ts';
import { formatMarathonDeployments } from '../format/marathon-deployment.ts';
import { marathonJson } from '../format/marathon-json.ts';
import { marathonCommand } from '../marathon.ts';

export const command = marathonCommand(async ({ marathon, terminal }, [appId], flags) => {
  const all = await marathon.deployments();
  const path = appId === undefined ? undefined : `/${appId.split('/').filter(Boolean).join('/')}`;
  const deployments = all.filter(({ affectedApps }) => path === undefined || affectedApps.includes(path));
  if (deployments.length === 0 && !flags.is('json')) {
    throw new UsageError(path === undefined ? 'There are no deployments' : `There are no deployments for '${path}'`);
  }
  terminal.print(flags.is('json') ? marathonJson(deployments) : formatMarathonDeployments(deployments));
  return 0;
});
