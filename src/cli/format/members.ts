/** The servers that know each other, as `server members` lists them. */
import type { MembersView } from '../../api/views.ts';
import { formatList } from './table.ts';
import { byName } from './words.ts';

/** `leader`: "127.0.0.1:4647", the RPC address of the one that leads; "" while none does. */
export function formatMembers(view: MembersView, leader: string, { detailed }: { readonly detailed: boolean }): string {
  const members = [...(view.Members ?? [])].sort((a, b) => byName(a.Name, b.Name));
  const rows = members.map((member) => [
    member.Name,
    member.Addr,
    String(member.Port),
    member.Status,
    String(`${member.Tags['rpc_addr'] ?? member.Addr}:${member.Tags['port'] ?? member.Port}` === leader),
    String(member.ProtocolCur),
    member.Tags['build'] ?? '',
    member.Tags['dc'] ?? view.ServerDC,
    member.Tags['region'] ?? view.ServerRegion,
    ...(detailed ? [tagsOf(member.Tags)] : []),
  ]);
  const heading = ['Name', 'Address', 'Port', 'Status', 'Leader', 'Protocol', 'Build', 'Datacenter', 'Region'];
  return formatList([[...heading, ...(detailed ? ['Tags'] : [])], ...rows]);
}

const tagsOf = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .sort(([a], [b]) => byName(a, b))
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
