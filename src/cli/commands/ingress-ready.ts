/** `ingress ready`: the instance gets what the routing table says again. */
import type { Command } from '../command.ts';
import { overrideIngress } from '../override-ingress.ts';

export const command: Command = (context, [name], flags) =>
  overrideIngress(context, name!, {
    change: { Action: 'ready' },
    said: 'gets its requests again',
    until: flags.is('wait') ? 'ready' : undefined,
  });
