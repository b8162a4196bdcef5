/**
 * What to look at after a deployment that failed, where the server does not say why by itself (a peer's): the instance
 * that did not make it, and its output.
 */
import type { AllocStub, DeploymentView } from '../api/views.ts';
import type { CommandContext } from './command.ts';
import { idOf } from './format/words.ts';

/** Nothing where every instance was fine, or where it cannot be asked any more. */
export async function sayWhereItFailed(
  context: CommandContext,
  deployment: DeploymentView,
  { verbose }: { readonly verbose: boolean },
): Promise<void> {
  if (deployment.Status !== 'failed' || deployment.Failure !== undefined) return;
  const allocations = await context.client.deployments.allocations(deployment.ID).catch(() => undefined);
  const failed = allocations?.data?.find(isUnhealthy);
  if (!failed) return;
  const id = idOf(failed.ID, { verbose });
  context.terminal.print(
    [
      '',
      `Allocation "${id}" did not become healthy. To see why:`,
      `  serin alloc status ${id}`,
      `  serin alloc logs -stderr ${id}`,
    ].join('\n'),
  );
}

const isUnhealthy = ({ DeploymentStatus, ClientStatus }: AllocStub): boolean =>
  DeploymentStatus?.Healthy === false || (DeploymentStatus?.Healthy !== true && ClientStatus === 'failed');
