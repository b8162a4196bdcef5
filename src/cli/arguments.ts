/** How many arguments a command takes, from its usage ("<allocation> <task>?"), and the sentence when that is wrong. */
import { UsageError } from './command.ts';
import { usageOf } from './help.ts';

const NUMBERS = ['no', 'one', 'two', 'three'];

export function checkArguments(
  spec: { readonly words: string; readonly args: string; readonly usageStatus?: number },
  given: readonly string[],
): void {
  const named = spec.args.match(/<[^>]+>\??/g) ?? [];
  const required = named.filter((name) => !name.endsWith('?')).length;
  const most = spec.args.includes('...') ? Number.POSITIVE_INFINITY : named.length;
  if (given.length >= required && given.length <= most) return;
  const sentence = `${takes(spec.args, required, most)}\nFor additional help try 'serin ${spec.words} -help'`;
  throw new UsageError(sentence, spec.usageStatus);
}

function takes(args: string, least: number, most: number): string {
  if (most === 0) return 'This command takes no arguments';
  const usage = usageOf(args);
  if (least === 0) return `This command takes either no arguments or one: ${args.replace('?', '')}`;
  if (least === most) return `This command takes ${NUMBERS[least]} argument${least === 1 ? '' : 's'}: ${usage}`;
  if (most === Number.POSITIVE_INFINITY) return `This command takes at least ${NUMBERS[least]} arguments: ${usage}`;
  return `This command takes ${NUMBERS[least]} or ${NUMBERS[most]} arguments: ${usage}`;
}
