/**
 * The program as it is installed, bundled into a folder of its own: a test never runs what another build is just
 * writing, and never an older one. All live tests of a run share the one of `scripts/live-program.js`; a soak makes its own.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Program {
  /** What Node.js runs for `serin`. */
  readonly entry: string;
  remove(): void;
}

export const CHECKOUT = findCheckout(dirname(fileURLToPath(import.meta.url)));

/** Inside the checkout, so that the bundle finds what it imports from the registry. */
const SCRATCH = join(CHECKOUT, 'node_modules/.cache/serin-live');

export async function buildProgram(): Promise<Program> {
  const shared = process.env.SERIN_LIVE_PROGRAM;
  if (shared !== undefined) return { entry: shared, remove: () => {} };
  mkdirSync(SCRATCH, { recursive: true });
  const folder = mkdtempSync(join(SCRATCH, 'program-'));
  await bundle({ serin: 'src/main.ts', ingress: 'src/agent/ingress-main.ts' }, join(folder, 'dist'));
  cpSync(join(CHECKOUT, 'package.json'), join(folder, 'package.json'));
  return {
    entry: join(folder, 'dist/serin.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Our own TypeScript becomes what Node.js runs; packages stay where they are. */
export async function bundle(input: Readonly<Record<string, string>>, dir: string): Promise<void> {
  const { rolldown } = await import('rolldown');
  const external = (id: string): boolean => !id.startsWith('.') && !id.startsWith('/');
  const made = await rolldown({ cwd: CHECKOUT, input: { ...input }, platform: 'node', external, logLevel: 'warn' });
  await made.write({ dir, format: 'esm' });
  await made.close();
}

/** From the sources and from a bundle of them alike. */
function findCheckout(from: string): string {
  if (existsSync(join(from, 'package-lock.json'))) return from;
  if (dirname(from) === from) throw new Error('no checkout above this file: package-lock.json was not found');
  return findCheckout(dirname(from));
}
