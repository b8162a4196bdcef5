/** What a command shows to an agent over TLS, and whom it believes: flags, else the environment. */
import { readFileSync } from 'node:fs';
import type { TransportTls } from '../api/transport.ts';
import { messageOf } from '../lib/errors.ts';
import { UsageError } from './command.ts';
import type { Flags } from './flags.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const FILES = [
  ['ca', 'ca-cert', 'NOMAD_CACERT'],
  ['cert', 'client-cert', 'NOMAD_CLIENT_CERT'],
  ['key', 'client-key', 'NOMAD_CLIENT_KEY'],
] as const;

export function tlsOf(flags: Flags, environment: Environment): TransportTls {
  const material: { [name in 'ca' | 'cert' | 'key']?: string } = {};
  for (const [name, flag, variable] of FILES) {
    const path = flags.text(flag) ?? environment[variable];
    if (path !== undefined && path !== '') material[name] = read(path, `-${flag}`);
  }
  if ((material.cert === undefined) !== (material.key === undefined)) {
    throw new UsageError('-client-cert and -client-key belong together: give both.');
  }
  const servername = flags.text('tls-server-name') ?? environment['NOMAD_TLS_SERVER_NAME'];
  const skips = flags.is('tls-skip-verify', ['1', 'true'].includes(environment['NOMAD_SKIP_VERIFY'] ?? ''));
  return { ...material, ...(servername && { servername }), ...(skips && { rejectUnauthorized: false }) };
}

function read(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`The file of ${flag} cannot be read: ${messageOf(error)}`);
  }
}
