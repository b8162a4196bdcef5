/** `server members`: the servers and which one leads. */
import type { Command } from '../command.ts';
import { explaining } from '../explaining.ts';
import { formatMembers } from '../format/members.ts';

export const command: Command = async ({ client, terminal }, _, flags) => {
  const work = Promise.all([client.agent.members(), client.agent.leader()]);
  const [members, leader] = await explaining('Error querying servers', work);
  terminal.print(formatMembers(members.data, leader, { detailed: flags.is('detailed') }));
  return 0;
};
