/** The numbers of a user whom a task shall run as. */
import { readFileSync } from 'node:fs';
import { SerinError } from '../lib/errors.ts';

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

/** undefined when the agent is that user already. Throws when it cannot become that user. */
export function findUser(name: string, setpriv: string | undefined, passwd = readPasswd()): UserIds | undefined {
  const line = passwd
    .split('\n')
    .map((each) => each.split(':'))
    .find((fields) => fields[0] === name || fields[2] === name);
  if (line === undefined) throw new SerinError('driver', `user "${name}" does not exist on this node`);
  const ids = { uid: Number(line[2]), gid: Number(line[3]) };
  const own = process.getuid?.();
  if (own === ids.uid) return undefined;
  if (own !== 0) throw new SerinError('driver', `cannot run as user "${name}": the agent does not run as root`);
  if (setpriv === undefined) throw new SerinError('driver', `cannot run as user "${name}": the node has no setpriv`);
  return ids;
}

/** The groups that name a user, beside the user's own. */
export function findGroups({ uid }: UserIds, passwd = readPasswd(), group = readAccounts('/etc/group')): number[] {
  const name = passwd
    .split('\n')
    .map((each) => each.split(':'))
    .find((fields) => fields[2] === String(uid))?.[0];
  if (name === undefined) return [];
  return group
    .split('\n')
    .map((each) => each.split(':'))
    .filter((fields) => (fields[3] ?? '').split(',').includes(name))
    .map((fields) => Number(fields[2]));
}

const readPasswd = (): string => readAccounts('/etc/passwd');

function readAccounts(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
