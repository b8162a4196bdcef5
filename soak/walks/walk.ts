/** What the walks through the users' documents have in common: one agent, and screens held against those of the text. */
import { expect } from 'vitest';
import type { LiveAgent } from '../../src/agent/testing/live-agent.ts';
import { until } from '../../src/agent/testing/until.ts';
import { pairsOf, steadyText, type Table, tableOf, tableUnder } from '../screen.ts';

/** A `status` screen as the document has it. */
export interface StatusScreen {
  /** Tables as they are printed; ids and times are any. */
  readonly summary: string;
  readonly status: string;
  readonly description: string;
  readonly deployed: string;
  readonly allocations: string;
}

/** Asks until the screen is the document's, or one of those; its last difference from the first is the failure. */
export async function statusBecomes(
  agent: LiveAgent,
  job: string,
  first: StatusScreen,
  ...others: readonly StatusScreen[]
): Promise<void> {
  let printed = '';
  try {
    await until(`status ${job} says what the document says`, async () => {
      printed = await agent.succeed('status', job);
      if (!others.some((each) => isStatus(printed, job, each))) expectStatus(printed, job, first);
      return true;
    });
  } catch {
    expectStatus(printed, job, first);
  }
}

function isStatus(output: string, job: string, screen: StatusScreen): boolean {
  try {
    expectStatus(output, job, screen);
    return true;
  } catch {
    return false;
  }
}

function expectStatus(output: string, job: string, screen: StatusScreen): void {
  expect(pairsOf(output)).toEqual([
    ['ID', job],
    ['Name', job],
    ['Submit Date', 'TIME'],
    ['Type', 'service'],
    ['Priority', '50'],
    ['Datacenters', 'dc1'],
    ['Namespace', 'default'],
    ['Status', 'running'],
    ['Periodic', 'false'],
    ['Parameterized', 'false'],
  ]);
  expect(tableOf(output, 'Summary')).toEqual(tableOf(screen.summary));
  // What it waits for stands below, in our own words.
  expect(pairsOf(output, 'Latest Deployment').slice(0, 3)).toEqual([
    ['ID', 'ID'],
    ['Status', screen.status],
    ['Description', screen.description],
  ]);
  expect(tableOf(output, 'Deployed')).toEqual(tableOf(screen.deployed));
  expect(unordered(tableOf(output, 'Allocations'))).toEqual(unordered(tableOf(screen.allocations)));
}

/** Those that were created in one step stand in any order. */
const unordered = ({ heading, rows }: Table): Table => ({ heading, rows: rows.toSorted(byCells) });

const byCells = (a: readonly string[], b: readonly string[]): number => (a.join() < b.join() ? -1 : 1);

/** A table of allocations: how many of which version, desired and client status. */
export const allocations = (...rows: readonly (readonly [number, group: string, string])[]): string =>
  [
    'ID        Node ID   Task Group  Version  Desired  Status    Created  Modified',
    ...rows.flatMap(([times, group, words]) => {
      const [version, desired, status] = words.split(' ');
      const row = `6d8eec42  087852e2  ${group.padEnd(10)}  ${version!.padEnd(7)}  ${desired!.padEnd(7)}  ${status!.padEnd(8)}  3s ago   2s ago`;
      return Array<string>(times).fill(row);
    }),
  ].join('\n');

/** The id of the newest deployment of a job, as a person copies it from the screen. */
export async function latestDeployment(agent: LiveAgent, job: string): Promise<string> {
  const output = await agent.succeed('status', job);
  return /Latest Deployment\nID +(=) (\w{8})$/m.exec(output)![2]!;
}

/** These lines, in this order, others between them. */
export function expectLines(output: string, lines: readonly string[]): void {
  let rest = steadyText(output).split('\n');
  for (const line of lines) {
    const at = rest.indexOf(line);
    expect(at, `"${line}" does not follow in:\n${steadyText(output)}`).toBeGreaterThanOrEqual(0);
    rest = rest.slice(at + 1);
  }
}

/** Version, status and description of each deployment of a job, the newest first. */
export async function deploymentRows(agent: LiveAgent, job: string): Promise<(readonly string[])[]> {
  const { heading, rows } = tableOf(await agent.succeed('job', 'deployments', job));
  expect(heading).toEqual(['ID', 'Job ID', 'Job Version', 'Status', 'Description']);
  for (const [id, jobId] of rows) expect([id, jobId]).toEqual(['ID', job]);
  return rows.map((row) => row.slice(2));
}

/** Plans the file, and runs it with the index that the plan names, as the document has it. */
export async function planAndRun(agent: LiveAgent, file: string, course: readonly string[]): Promise<string> {
  const { code, output } = await agent.serin('plan', file);
  expect(code, output).toBe(1);
  expect(output).toContain(course.join('\n'));
  expect(output).toContain('Scheduler dry-run:\n- All tasks successfully allocated.\n');
  const [, index] = /^Job Modify Index: (\d+)$/m.exec(output)!;
  expect(output).toContain(`To submit the job with version verification run:

serin job run -check-index ${index} ${file}

When running the job with the check-index flag, the job will only be run if the`);
  const run = await agent.succeed('run', '-detach', '-check-index', index!, file);
  expect(steadyText(run)).toBe('Job registration successful\nEvaluation ID: UUID\n');
  return output;
}

const DEPLOYED = /^Task Group +.*Desired +.*Placed +Healthy +Unhealthy/;

/** The table of groups at the end of what was monitored. */
export const lastDeployed = (output: string): readonly string[] => {
  const last = output.slice(output.lastIndexOf('\nDeployed\n'));
  return tableUnder(last, DEPLOYED).rows[0]!;
};
