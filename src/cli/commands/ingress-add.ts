/** `ingress add`: an instance joins the pool of a service that is not its own. */
import type { Command } from '../command.ts';
import { namedBackend, overrideIngress } from '../override-ingress.ts';

export const command: Command = async (context, [name], flags) => {
  const Backend = await namedBackend(context, flags.text('pool'));
  return overrideIngress(context, name!, {
    change: { Action: 'add', Backend },
    said: `is in the pool of "${Backend}"`,
    until: flags.is('wait') ? 'ready' : undefined,
  });
};
