/** A task that asks for more time to end than a node grants learns it when it is submitted, not by SIGKILL. */
import { formatDuration, parseDuration } from '../lib/duration.ts';
import type { Job } from '../model/job.ts';
import { MAX_KILL_TIMEOUT, type Node } from '../model/node.ts';
import { compileDatacenters } from '../scheduler/feasible/datacenters.ts';

/** One sentence for each task whose kill_timeout some node of the job's datacenters cuts. */
export function cutKillTimeouts(job: Job, nodes: Iterable<Node>): string[] {
  const isWanted = compileDatacenters(job.Datacenters);
  const limits = [...nodes].filter((node) => node.Status !== 'down' && isWanted(node.Datacenter)).map(limitOf);
  return job.TaskGroups.flatMap(({ Tasks }) => Tasks).flatMap(({ Name, KillTimeout }) => {
    const cut = limits.filter((limit) => limit < KillTimeout);
    if (cut.length === 0) return [];
    const most = formatDuration(Math.min(...cut));
    const where = `${cut.length} of ${limits.length} ${limits.length === 1 ? 'node' : 'nodes'}`;
    return [
      `task ${JSON.stringify(Name)}: kill_timeout ${formatDuration(KillTimeout)} is cut to ${most} on ${where}: raise client.max_kill_timeout there`,
    ];
  });
}

const limitOf = (node: Node): number =>
  parseDuration(node.Attributes[MAX_KILL_TIMEOUT] ?? '') ?? Number.POSITIVE_INFINITY;
