/**
 * The certificates as HAProxy reads them: a folder with a file for each, the first one for clients that ask for no name.
 * Other certificates are another folder, so that a change of them is a change of the configuration: a reload.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../certificates.ts';

export interface CertificateSource {
  readonly all: readonly Certificate[];
  readonly version: number;
}

export class CertificateFolders {
  readonly #dir: string;
  readonly #source: CertificateSource | undefined;
  #version: number | undefined;
  #folder: string | undefined;

  constructor(dir: string, source: CertificateSource | undefined) {
    this.#dir = dir;
    this.#source = source;
  }

  /** Written when it is asked for; undefined: there is no certificate. */
  get folder(): string | undefined {
    const source = this.#source;
    if (source === undefined || source.version === this.#version) return this.#folder;
    this.#version = source.version;
    this.#folder = source.all.length === 0 ? undefined : writeFolder(this.#dir, source.all);
    return this.#folder;
  }

  /** What keeps a port with TLS closed. */
  problem(port: number): string | undefined {
    if (this.folder !== undefined) return undefined;
    return `cannot serve port ${port}: it needs TLS and there is no certificate; name a file or a folder in ingress.certificates`;
  }
}

function writeFolder(dir: string, certificates: readonly Certificate[]): string {
  const texts = certificates.map(({ cert, key }) => (cert === key ? cert : `${cert.trimEnd()}\n${key}`));
  const hash = createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 16);
  const folder = join(dir, `certificates-${hash}`);
  rmSync(`${folder}.new`, { recursive: true, force: true });
  mkdirSync(`${folder}.new`, { recursive: true, mode: 0o700 });
  texts.forEach((text, at) => {
    writeFileSync(join(`${folder}.new`, `${String(at).padStart(4, '0')}.pem`), text, { mode: 0o600 });
  });
  rmSync(folder, { recursive: true, force: true });
  renameSync(`${folder}.new`, folder);
  return folder;
}
