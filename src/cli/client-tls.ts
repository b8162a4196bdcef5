/** What a command shows to an agent over TLS, and whom it believes: flags, else the environment. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TransportTls } from '../api/node-transport.ts';
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
  if (material.ca === undefined) {
    const folder = flags.text('ca-path') ?? environment['NOMAD_CAPATH'];
    if (folder !== undefined && folder !== '') material.ca = readAll(folder);
  }
  const servername = flags.text('tls-server-name') ?? environment['NOMAD_TLS_SERVER_NAME'];
  const skips = flags.is('tls-skip-verify', ['1', 'true'].includes(environment['NOMAD_SKIP_VERIFY'] ?? ''));
  return { ...material, ...(servername && { servername }), ...(skips && { rejectUnauthorized: false }) };
}

/** One text of all of them: an authority's file may hold several certificates. */
function readAll(folder: string): string {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => /\.(pem|crt|cer)$/.test(name));
  } catch (error) {
    throw new UsageError(`The folder of -ca-path cannot be read: ${messageOf(error)}`);
  }
  if (names.length === 0) throw new UsageError(`The folder of -ca-path has no .pem, .crt or .cer file: ${folder}`);
  return names.map((name) => read(join(folder, name), '-ca-path')).join('\n');
}

function read(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`The file of ${flag} cannot be read: ${messageOf(error)}`);
  }
}
