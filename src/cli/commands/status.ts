/** `status`: whatever an id or its beginning stands for. A job of that very id comes first. */
import { type Command, type CommandContext, UsageError } from '../command.ts';
import { explaining } from '../explaining.ts';
import { formatList } from '../format/table.ts';
import { printAllocation } from './alloc-status.ts';
import { printDeployment } from './deployment-status.ts';
import { printEvaluation } from './eval-status.ts';
import { printJobStatus, printJobs } from './job-status.ts';
import { printNode } from './node-status.ts';

type Print = (context: CommandContext, id: string, verbose: boolean) => Promise<number>;

/** The kinds that the search knows, and what shows one of them. */
const KINDS: readonly { readonly context: string; readonly noun: string; readonly print: Print }[] = [
  {
    context: 'jobs',
    noun: 'job',
    print: (context, id, verbose) =>
      printJobStatus(context, id, { short: false, evals: false, allAllocs: false, verbose }),
  },
  { context: 'allocs', noun: 'allocation', print: (context, id, verbose) => printAllocation(context, id, { verbose }) },
  {
    context: 'deployment',
    noun: 'deployment',
    print: (context, id, verbose) => printDeployment(context, id, { verbose }),
  },
  { context: 'evals', noun: 'evaluation', print: (context, id, verbose) => printEvaluation(context, id, { verbose }) },
  { context: 'nodes', noun: 'node', print: (context, id, verbose) => printNode(context, id, { verbose }) },
];

export const command: Command = async (context, [identifier], flags) => {
  if (identifier === undefined) return printJobs(context);
  const { Matches: matches } = await explaining('Error querying search', context.client.search(identifier));
  const found = KINDS.flatMap((kind) => (matches[kind.context] ?? []).map((id) => ({ kind, id })));
  const chosen =
    found.find(({ kind, id }) => kind.context === 'jobs' && id === identifier) ?? onlyOne(found, identifier);
  return chosen.kind.print(context, chosen.id, flags.is('verbose'));
};

function onlyOne<T extends { readonly id: string; readonly kind: { readonly noun: string } }>(
  found: readonly T[],
  identifier: string,
): T {
  if (found.length === 0) throw new UsageError(`Unable to resolve ID: "${identifier}"`);
  if (found.length === 1) return found[0]!;
  const rows = found.map(({ kind, id }) => [kind.noun, id]);
  throw new UsageError(
    `"${identifier}" is the beginning of several ids; give more of the one that you mean:\n\n${formatList([['Kind', 'ID'], ...rows])}`,
  );
}
