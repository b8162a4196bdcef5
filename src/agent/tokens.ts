/**
 * The tokens of an agent that listens beyond loopback: one that may do everything, and one for nodes and ingresses that
 * may do less. Both are made at the first start, readable by their owner alone.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SerinError } from '../lib/errors.ts';

export interface Tokens {
  readonly management: string;
  readonly agent: string;
}

export function loadTokens(files: { readonly tokenFile: string; readonly agentTokenFile: string }): Tokens {
  return { management: loadToken(files.tokenFile), agent: loadToken(files.agentTokenFile) };
}

function loadToken(file: string): string {
  const existing = readToken(file);
  if (existing !== undefined) return existing;
  const token = randomBytes(32).toString('hex');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
  return token;
}

function readToken(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SerinError('config', `the token file ${file} cannot be read: ${(error as Error).message}`);
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
