/** `ingress drain`: nothing new goes to the instance; it runs on. */
import type { Command } from '../command.ts';
import { overrideIngress } from '../override-ingress.ts';

export const command: Command = (context, [name], flags) =>
  overrideIngress(context, name!, {
    change: { Action: 'drain' },
    said: 'gets nothing new',
    until: flags.is('wait') ? 'drained' : undefined,
  });
