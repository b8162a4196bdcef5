/**
 * What the instances that failed a deployment looked like at that moment: kept with the deployment, so that it is still
 * there when the instances, their files and their rows are gone. Pure, and bounded: a deployment's row stays small.
 */
import type { Allocation, AllocTaskOutput, TaskEvent } from '../model/allocation.ts';
import type { DeploymentEvidence } from '../model/deployment.ts';
import type { InstanceState } from '../model/deployment-explanation.ts';
import type { BlockerSituation } from './deployment-blocker.ts';
import { findingOf, situationOf } from './deployment-explanation.ts';
import { troubleOf } from './instance-state.ts';

export const MOST_EVIDENCE = 5;
export const EVIDENCE_BYTES = 16 * 1024;

/** How much of each instance is kept; the first that fits counts. */
const SIZES: readonly Size[] = [
  { events: 6, checks: 5, outputBytes: 2048, textLength: 500 },
  { events: 6, checks: 5, outputBytes: 1024, textLength: 500 },
  { events: 6, checks: 3, outputBytes: 400, textLength: 400 },
  { events: 3, checks: 1, outputBytes: 100, textLength: 250 },
  { events: 1, checks: 1, outputBytes: 0, textLength: 120 },
];

interface Size {
  readonly events: number;
  readonly checks: number;
  readonly outputBytes: number;
  /** Of one message. */
  readonly textLength: number;
}

/** What is no fault of an instance says nothing of why the deployment failed. */
const BLAMELESS: readonly InstanceState[] = ['healthy', 'old', 'warm', 'draining', 'manual'];
/** These may be the reason that time ran out, where nothing worse is found. */
const SLOW: readonly InstanceState[] = ['starting', 'proving'];

export function deploymentEvidence(situation: BlockerSituation): DeploymentEvidence[] {
  const chosen = distinctFirst(suspects(situation)).slice(0, MOST_EVIDENCE);
  for (let count = chosen.length; count > 0; count--) {
    for (const size of SIZES) {
      const evidence = chosen.slice(0, count).map((suspect) => evidenceOf(suspect, size));
      if (Buffer.byteLength(JSON.stringify(evidence)) <= EVIDENCE_BYTES) return evidence;
    }
  }
  return [];
}

interface Suspect {
  readonly alloc: Allocation;
  readonly trouble: string;
}

/** Newest first; those that are only slow where no other is to blame. */
function suspects(situation: BlockerSituation): Suspect[] {
  const { deployment, allocs } = situation;
  const own = allocs.filter((alloc) => alloc.DeploymentID === deployment.ID);
  const judged = own.map((alloc) => ({ alloc, ...findingOf(situation, alloc) }));
  const blamed = judged.filter(({ alloc, state }) => isBlamed(alloc) || ![...BLAMELESS, ...SLOW].includes(state));
  const found = blamed.length > 0 ? blamed : judged.filter(({ state }) => SLOW.includes(state));
  return found
    .sort((a, b) => b.alloc.CreateIndex - a.alloc.CreateIndex || b.alloc.ModifyIndex - a.alloc.ModifyIndex)
    .map(({ alloc, message }) => ({ alloc, trouble: troubleOf(situationOf(situation, alloc)) ?? message }));
}

/** Also one that was told to stop since. */
const isBlamed = ({ DeploymentStatus, ClientStatus }: Allocation): boolean =>
  DeploymentStatus?.Healthy === false || ClientStatus === 'failed';

/** One of each trouble before a second of any: five times the same says no more than once. */
function distinctFirst(found: readonly Suspect[]): Suspect[] {
  const seen = new Set<string>();
  const [first, again]: [Suspect[], Suspect[]] = [[], []];
  for (const suspect of found) {
    const gist = gistOf(suspect.trouble);
    (seen.has(gist) ? again : first).push(suspect);
    seen.add(gist);
  }
  return [...first, ...again];
}

/** Ports, delays and counts of restarts differ from instance to instance; an exit code or an HTTP status does not. */
const gistOf = (trouble: string): string =>
  trouble.replaceAll(
    /\d+(?:\.\d+)?(?:ms|s|m|h)\b|\b\d{4,}\b|\(restarted \d+ times\)|restarted (?:once|\d+ times)/g,
    '#',
  );

function evidenceOf({ alloc, trouble }: Suspect, size: Size): DeploymentEvidence {
  const checks = (alloc.Services ?? []).flatMap(({ Checks }) => Checks).filter(({ Status }) => Status !== 'passing');
  return {
    AllocID: alloc.ID,
    Name: alloc.Name,
    NodeName: alloc.NodeName,
    TaskGroup: alloc.TaskGroup,
    JobVersion: alloc.JobVersion,
    ClientStatus: alloc.ClientStatus,
    Trouble: clipped(trouble, size),
    TaskEvents: mapValues(alloc.TaskStates ?? {}, ({ Events }) =>
      Events.slice(-size.events).map((event) => leanEvent(event, size)),
    ),
    Checks: checks.slice(0, size.checks).map((check) => ({ ...check, Output: clipped(check.Output, size) })),
    Output: size.outputBytes === 0 ? {} : mapValues(alloc.Output ?? {}, (output) => shortOutput(output, size)),
  };
}

const leanEvent = ({ Type, Time, DisplayMessage }: TaskEvent, size: Size): TaskEvent => ({
  Type,
  Time,
  DisplayMessage: clipped(DisplayMessage, size),
});

const shortOutput = ({ Stdout, Stderr }: AllocTaskOutput, { outputBytes }: Size): AllocTaskOutput => ({
  Stdout: endOf(Stdout, outputBytes),
  Stderr: endOf(Stderr, outputBytes),
});

/** Whole lines, the last ones; of a line that is longer alone, its end. */
function endOf(text: string, bytes: number): string {
  const written = Buffer.from(text);
  if (written.length <= bytes) return text;
  const kept = written.subarray(-bytes).toString('utf8').replace(/^�+/, '');
  const newline = kept.indexOf('\n');
  return newline === -1 ? kept : kept.slice(newline + 1);
}

const clipped = (text: string, { textLength }: Size): string =>
  text.length > textLength ? `${text.slice(0, textLength - 1)}…` : text;

const mapValues = <T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
