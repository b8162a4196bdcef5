/** `deployment weight`: the share of the requests that canaries get, changed while they wait for their promotion. */
import { type Command, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import { findDeployment } from '../lookup.ts';

export const command: Command = async (context, [prefix, written], flags) => {
  const percent = percentOf(written!);
  const id = await findDeployment(context, prefix!);
  const groups = flags.list('group');
  await explaining('Error changing the weight', context.client.deployments.weigh(id, percent, groups));
  const whose = groups.length === 0 ? '' : ` of ${groups.map((group) => `"${group}"`).join(', ')}`;
  context.terminal.print(`Deployment "${id}": the canaries${whose} get ${percent}% of the requests`);
  return 0;
};

/** "5", "5%", "0.5". */
function percentOf(written: string): number {
  const percent = Number(written.replace(/%$/, ''));
  if (/^[\d.]+%?$/.test(written) && percent <= 100) return percent;
  throw new UsageError(`The weight must be a percentage between 0 and 100, not "${written}"`);
}
