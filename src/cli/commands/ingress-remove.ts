/** `ingress remove`: an instance leaves a pool that it was added to by hand. */
import type { Command } from '../command.ts';
import { namedBackend, overrideIngress } from '../override-ingress.ts';

export const command: Command = async (context, [name], flags) => {
  const Backend = await namedBackend(context, flags.text('pool'));
  return overrideIngress(context, name!, {
    change: { Action: 'remove', Backend },
    said: `is out of the pool of "${Backend}"`,
    until: undefined,
  });
};
