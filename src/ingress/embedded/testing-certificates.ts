/** For live tests: certificates that sign themselves. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

/** Writes `name`.crt and `name`.key into the folder; `names` as in "DNS:a.example". */
export function makeCertificate(folder: string, name: string, names: readonly string[]): string {
  const cert = join(folder, `${name}.crt`);
  const key = join(folder, `${name}.key`);
  const words = ['req', '-x509', ...KEY, '-subj', `/CN=${name}`, '-addext', `subjectAltName=${names.join(',')}`];
  execFileSync('openssl', [...words, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return cert;
}
