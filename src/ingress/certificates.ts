/**
 * The certificates that an ingress shows: PEM files, alone or in folders, read again when they change. A file that turns
 * out bad leaves what it held before in use, and says so.
 *
 * A certificate's key stands in the same file, or beside it: "a.crt" or "a.pem" with "a.key", "a.crt.key" or "a-key.pem";
 * "fullchain.pem" with "privkey.pem". In a folder, and in the folders right below it, certificates without a key (those
 * of authorities) are passed over.
 */
import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Clock, sleep } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

export interface Certificate {
  readonly file: string;
  /** In lower case, "*." in front of those for every name one label below. */
  readonly names: readonly string[];
  /** The certificate and those that lead to its authority. */
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly paths: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

const LOOK_EVERY_MS = 1000;
const CERTIFICATE = '-----BEGIN CERTIFICATE-----';
const KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;
const NAMED_KEY: ReadonlyMap<string, string> = new Map([['fullchain.pem', 'privkey.pem']]);

export class Certificates {
  readonly #options: CertificateOptions;
  #seen = '';
  #byFile = new Map<string, Certificate>();
  #problems: readonly string[] = [];
  #version = 0;

  constructor(options: CertificateOptions) {
    this.#options = options;
  }

  /** In the order of the paths; the first is for clients that ask for no name, or for one that no other has. */
  get all(): readonly Certificate[] {
    return [...this.#byFile.values()];
  }

  /** Another one whenever `all` is. */
  get version(): number {
    return this.#version;
  }

  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Reads what has changed. Never rejects: what is wrong stands in `problems`. */
  async load(): Promise<void> {
    const files = (await Promise.all(this.#options.paths.map(filesOf))).flat();
    const seen = (await Promise.all(files.map(({ file }) => stampOf(file)))).join('\n');
    if (seen === this.#seen) return;
    const read = await Promise.all(files.map((file) => this.#read(file)));
    this.#seen = seen;
    this.#byFile = new Map(read.flatMap(({ certificate: one }) => (one === undefined ? [] : [[one.file, one]])));
    this.#problems = read.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
    this.#version++;
    this.#say();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.clock, LOOK_EVERY_MS, signal);
      await this.load();
    }
  }

  async #read({ file, isNamed }: PemFile): Promise<{ certificate?: Certificate | undefined; problem?: string }> {
    try {
      // One that held a certificate is missed when it holds none: it may be half written, or its key not there yet.
      return { certificate: await readCertificate(file, isNamed || this.#byFile.has(file)) };
    } catch (error) {
      return {
        certificate: this.#byFile.get(file),
        problem: `the certificate ${file} cannot be used: ${messageOf(error)}`,
      };
    }
  }

  #say(): void {
    const { log } = this.#options;
    for (const problem of this.#problems) log.error({ problem }, 'a certificate cannot be used');
    log.info({ certificates: this.all.map(({ file, names }) => ({ file, names })) }, 'certificates read');
  }
}

interface PemFile {
  readonly file: string;
  /** The configuration names it, not only its folder. */
  readonly isNamed: boolean;
}

async function filesOf(path: string): Promise<PemFile[]> {
  if (!(await isFolder(path))) return [{ file: path, isNamed: true }];
  const files: PemFile[] = [];
  for (const name of await namesIn(path)) {
    const inner = join(path, name);
    if (!(await isFolder(inner))) files.push({ file: inner, isNamed: false });
    else for (const below of await namesIn(inner)) files.push({ file: join(inner, below), isNamed: false });
  }
  return files;
}

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true;

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => !name.startsWith('.')).sort();
}

/** Every file of a folder counts, keys too: a new key is a change. */
async function stampOf(file: string): Promise<string> {
  const known = await stat(file).catch(() => undefined);
  const key = await stat(keyFilesOf(file)[0] ?? file).catch(() => undefined);
  return `${file} ${known?.mtimeMs} ${known?.size} ${known?.ino} ${key?.mtimeMs}`;
}

/** undefined: there is no certificate with a key in it, and nobody said that there is. */
async function readCertificate(file: string, isNamed: boolean): Promise<Certificate | undefined> {
  const text = await readFile(file, 'utf8');
  if (!text.includes(CERTIFICATE)) {
    if (isNamed) throw new Error('no certificate in PEM form stands in it');
    return undefined;
  }
  const key = KEY.test(text) ? text : await keyBeside(file);
  if (key === undefined) {
    if (isNamed)
      throw new Error(`its key is missing: put it into the file, or beside it as ${basename(keyFilesOf(file)[0]!)}`);
    return undefined;
  }
  createSecureContext({ cert: text, key });
  return { file, names: namesOf(new X509Certificate(text)), cert: text, key };
}

async function keyBeside(file: string): Promise<string | undefined> {
  for (const path of keyFilesOf(file)) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined && KEY.test(text)) return text;
  }
  return undefined;
}

function keyFilesOf(file: string): string[] {
  const named = NAMED_KEY.get(basename(file));
  if (named !== undefined) return [join(dirname(file), named)];
  const stem = file.slice(0, file.length - extname(file).length);
  return [`${stem}.key`, `${file}.key`, `${stem}-key.pem`];
}

function namesOf({ subjectAltName, subject }: X509Certificate): string[] {
  const alternatives = [...(subjectAltName ?? '').matchAll(/(?:DNS|IP Address):([^,\s"]+)/g)].map(([, name]) => name!);
  const common = /^CN=(.+)$/m.exec(subject ?? '')?.[1];
  const names = alternatives.length > 0 || common === undefined ? alternatives : [common];
  return names.map((name) => name.toLowerCase());
}
