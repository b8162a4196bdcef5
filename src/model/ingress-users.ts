/**
 * Who may come in by a password: "alice:$6$…", as `htpasswd` files and /etc/shadow have it, with blanks or line breaks
 * between. What is said of it never holds a hash: it ends up in answers and logs.
 */
import { cryptHashProblem } from '../lib/crypt-hash.ts';

export interface IngressUser {
  Name: string;
  /** Of crypt(3). */
  Hash: string;
}

const NAME = /^[A-Za-z0-9._@+-]{1,64}$/;

export function usersIn(text: string): IngressUser[] {
  return wordsOf(text).map((word) => {
    const colon = word.indexOf(':');
    return { Name: word.slice(0, Math.max(colon, 0)), Hash: word.slice(colon + 1) };
  });
}

/** One sentence for each; none: all can be checked. */
export function userProblems(text: string, place = 'auth_users'): string[] {
  const users = usersIn(text);
  if (users.length === 0) return [`${place} names nobody: remove it, or name users as "alice:$6$…"`];
  const names = users.map(({ Name }) => Name);
  const twice = names.filter((name, at) => NAME.test(name) && names.indexOf(name) < at);
  return [
    ...users.flatMap((user, at) => problemOf(user, at, place)),
    ...[...new Set(twice)].map((name) => `${place} names ${JSON.stringify(name)} more than once`),
  ];
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

function problemOf({ Name, Hash }: IngressUser, at: number, place: string): string[] {
  if (!NAME.test(Name)) {
    return [
      `user ${at + 1} of ${place} is not of the form name:hash, with letters, digits and ". _ @ + -" in the name`,
    ];
  }
  const problem = cryptHashProblem(Hash);
  if (problem === undefined) return [];
  return [
    `the password of ${JSON.stringify(Name)} in ${place} cannot be checked, its hash ${problem}: make one with "openssl passwd -6"`,
  ];
}

const REALM = /^[ !#-[\]-~]{1,128}$/;

/** undefined: it may stand in a header and in a configuration. */
export const realmProblem = (realm: string, place = 'auth_realm'): string | undefined =>
  REALM.test(realm)
    ? undefined
    : `${place} must be up to 128 ordinary letters without quotes and backslashes: ${JSON.stringify(realm)}`;
