/** Who is asked for a password, and whether what they say is right. */
import type { RouteAuth } from '../../model/ingress.ts';
import type { HeaderField } from './header-fields.ts';
import type { PasswordChecks, PasswordVerdict } from './password-checks.ts';

export const UNKNOWN_USER = 'a name and its password are needed here';
export const TOO_MANY_PASSWORDS = 'too many passwords are being checked already';

export class PasswordGate {
  readonly challenge: string;
  readonly #checks: PasswordChecks;
  readonly #hashes: ReadonlyMap<string, string>;

  constructor({ Realm, Users }: RouteAuth, checks: PasswordChecks) {
    this.challenge = `Basic realm="${Realm}"`;
    this.#hashes = new Map(Users.map(({ Name, Hash }) => [Name, Hash]));
    this.#checks = checks;
  }

  /** At once where it was seen before, else after a while. */
  ask(fields: readonly HeaderField[], judge: (verdict: PasswordVerdict) => void): void {
    const said = credentialsOf(fields);
    const hash = said === undefined ? undefined : this.#hashes.get(said.name);
    if (said === undefined || hash === undefined) judge('wrong');
    else this.#checks.check(said.password, hash, judge);
  }
}

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

function credentialsOf(fields: readonly HeaderField[]): { name: string; password: string } | undefined {
  const value = fields.find(({ lower }) => lower === 'authorization')?.value;
  const text = Buffer.from(BASIC.exec(value ?? '')?.[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
