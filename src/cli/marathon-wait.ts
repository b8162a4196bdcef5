/** Why an app does not get further: what the deployment of its job waits for. Marathon itself has no word for that. */
import { ApiUnreachable } from '../api/api-errors.ts';
import { isDeploymentActive } from '../model/deployment.ts';
import type { CommandContext } from './command.ts';
import { formatExplanation } from './format/explanation.ts';

/** "" where nobody knows. */
export async function waitOf({ client, clock, terminal }: CommandContext, appId: string): Promise<string> {
  try {
    const { data } = await client.jobs.deployment(appId.split('/').filter(Boolean).join('/'));
    if (!data || !isDeploymentActive(data)) return '';
    const wait = formatExplanation(data, { nowMs: clock.nowMs(), verbose: false, detail: 'short' }, terminal.style);
    return wait === '' ? '' : `Serin's deployment ${data.ID.slice(0, 8)} of ${appId}\n${wait}`;
  } catch (error) {
    if (!(error instanceof ApiUnreachable)) return '';
    return `What it waits for is not known, since no agent answers at ${error.address}: set -address.`;
  }
}
