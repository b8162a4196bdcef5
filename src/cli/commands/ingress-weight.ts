/** `ingress weight`: the part of one instance among those of its pool. */
import { type Command, UsageError } from '../command.ts';
import { overrideIngress } from '../override-ingress.ts';

export const command: Command = async (context, [name, written]) => {
  const Weight = Number(written!.replace(/%$/, ''));
  if (!/^[\d.]+%?$/.test(written!) || !Number.isFinite(Weight)) {
    throw new UsageError(`The weight must be a percentage such as 50, not "${written}"`);
  }
  return overrideIngress(context, name!, {
    change: { Action: 'weight', Weight },
    said: `gets ${Weight}% of what an ordinary instance of its pool gets`,
    until: undefined,
  });
};
