/** One instance that failed its deployment: what was wrong, and if asked for, what happened, what its checks said, what it wrote. */
import type { TaskEvent } from '../../model/allocation.ts';
import type { DeploymentEvidence } from '../../model/deployment.ts';
import { lastLinesOf, onOneLine } from './safe-text.ts';
import type { Style } from './style.ts';
import { formatList } from './table.ts';
import type { Branch } from './tree.ts';
import { byName, formatNanoTime, idOf, type View } from './words.ts';

export interface EvidenceOptions {
  readonly view: View;
  readonly detailed: boolean;
}

/** Errors are on standard error mostly; what was printed before them helps a little. */
const MOST_LINES = { Stderr: 10, Stdout: 5 } as const;

export function formatEvidence(evidence: DeploymentEvidence, options: EvidenceOptions, style: Style): Branch {
  const { AllocID, JobVersion, NodeName, Trouble } = evidence;
  const head = `${idOf(AllocID, options.view)}  version ${JobVersion}  on ${NodeName}  ${style.red(onOneLine(Trouble))}`;
  if (!options.detailed) return { text: head };
  return {
    text: head,
    children: [...eventBranches(evidence), ...checkBranches(evidence), ...outputBranches(evidence)],
  };
}

function eventBranches({ TaskEvents }: DeploymentEvidence): Branch[] {
  return Object.entries(TaskEvents)
    .sort(([a], [b]) => byName(a, b))
    .filter(([, events]) => events.length > 0)
    .map(([task, events]) => ({ text: `last events of task "${task}"`, lines: eventLines(events) }));
}

const eventLines = (events: readonly TaskEvent[]): string[] =>
  formatList(
    events.map(({ Time, Type, DisplayMessage }) => [formatNanoTime(Time), Type, onOneLine(DisplayMessage)]),
  ).split('\n');

function checkBranches({ Checks }: DeploymentEvidence): Branch[] {
  return Checks.map(({ Check, Status, Output }) => {
    const name = Check.includes('"') ? `(${Check})` : `"${Check}"`;
    const said = Output === '' ? 'has not answered' : `said: ${onOneLine(Output, 400)}`;
    return { text: `check ${name} is ${Status}; it ${said}` };
  });
}

function outputBranches({ Output }: DeploymentEvidence): Branch[] {
  return Object.entries(Output)
    .sort(([a], [b]) => byName(a, b))
    .flatMap(([task, { Stdout, Stderr }]) => [
      ...streamBranch(`stdout of task "${task}"`, lastLinesOf(Stdout, MOST_LINES.Stdout)),
      ...streamBranch(`stderr of task "${task}"`, lastLinesOf(Stderr, MOST_LINES.Stderr)),
    ]);
}

const streamBranch = (name: string, lines: readonly string[]): Branch[] =>
  lines.length > 0 ? [{ text: `last lines of ${name}`, lines }] : [];
