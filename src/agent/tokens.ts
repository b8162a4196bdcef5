/**
 * The tokens of an agent that listens beyond loopback: one that may do everything, and one for nodes and ingresses that
 * may do less. A server makes what is missing at its first start, readable by its owner alone. Other agents are given
 * the second one, and ask their server about tokens that they do not know.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, SerinError } from '../lib/errors.ts';
import type { AuthConfig } from './config.ts';

export interface Tokens {
  /** "" where only the server has it. */
  readonly management: string;
  readonly agent: string;
}

/** `makes`: a server makes the files that are missing. */
export function loadTokens(auth: AuthConfig, { makes }: { readonly makes: boolean }): Tokens {
  const load = makes ? loadOrMake : loadGiven;
  return { management: auth.tokenFile === '' ? '' : load(auth.tokenFile), agent: load(auth.agentTokenFile) };
}

function loadOrMake(file: string): string {
  const existing = readToken(file);
  if (existing !== undefined) return existing;
  const token = randomBytes(32).toString('hex');
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new SerinError('config', `the token file ${file} cannot be made: ${messageOf(error)}`);
  }
  return token;
}

/** One that this agent made up would be nobody's. */
function loadGiven(file: string): string {
  const token = readToken(file);
  if (token !== undefined) return token;
  throw new SerinError(
    'config',
    `the token file ${file} does not exist: copy it here from a server, which makes it at its first start`,
  );
}

function readToken(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SerinError('config', `the token file ${file} cannot be read: ${messageOf(error)}`);
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new SerinError('config', `the token file ${file} can be read by others: chmod 600 ${file}`);
  }
  if (text.length < 16)
    throw new SerinError(
      'config',
      `the token in ${file} is too short: 16 characters at least, or remove the file and one is made`,
    );
  return text;
}
