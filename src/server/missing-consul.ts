/** A job that asks for Consul where no node has one waits for room that will not come: the submission says what is missing. */
import { asksForConsul } from '../model/implied-constraints.ts';
import type { Job } from '../model/job.ts';
import type { Node } from '../model/node.ts';

const ATTRIBUTE = 'consul.version';

export function missingConsul(job: Job, nodes: readonly Pick<Node, 'Attributes'>[]): string[] {
  const groups = job.TaskGroups.filter(asksForConsul).map(({ Name }) => JSON.stringify(Name));
  if (groups.length === 0 || nodes.some(({ Attributes }) => Attributes[ATTRIBUTE] !== undefined)) return [];
  const where = `group${groups.length === 1 ? '' : 's'} ${groups.join(', ')}`;
  return [
    `${where}: a service asks for provider = "consul", and no node has a Consul that answers: set consul { address } in the configuration of the agents that run tasks, or leave provider out to use what is built in`,
  ];
}
