/**
 * The check of layers must be able to fail: a small tree with planted violations, cruised with the project's own
 * configuration. A cruiser that reads no file reports nothing and would pass for ever.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const PLANTED: Readonly<Record<string, string>> = {
  'src/lib/base.ts': 'export const base = 1;',
  'src/model/job.ts': "import { base } from '../lib/base.ts';\nexport const job = base;",
  'src/server/server.ts': 'export interface Server { readonly id: string }\nexport const server = 1;',
  'src/state/by-value.ts': "import { server } from '../server/server.ts';\nexport const a = server;",
  'src/state/by-type.ts': "import type { Server } from '../server/server.ts';\nexport type A = Server;",
  'src/http/a.ts': "import type { B } from './b.ts';\nexport interface A { readonly b: B | undefined }",
  'src/http/b.ts': "import type { A } from './a.ts';\nexport interface B { readonly a: A | undefined }",
  'src/lib/upward.ts': "import { job } from '../model/job.ts';\nexport const a = job;",
  'src/node/apart.ts': "import { a } from '../state/by-type.ts';\nexport const b = a;",
  'src/cli/tooling.ts': "import { frame } from '../../demo/screen.ts';\nexport const a = frame;",
  'src/cli/gone.ts': "import { a } from './not-there.ts';\nexport const b = a;",
  'demo/screen.ts': 'export const frame = 1;',
};

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

let tree = '';
let planted: Cruise;

beforeAll(async () => {
  tree = plant(PLANTED);
  planted = await cruise(tree);
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

/** A tree of its own with the project's compiler settings. */
function plant(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'serin-layers-'));
  symlinkSync(join(ROOT, 'tsconfig.json'), join(folder, 'tsconfig.json'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Violations end the cruiser with a status; its answer is on standard output all the same. */
function cruise(folder: string, part = 'src'): Promise<Cruise> {
  const program = join(ROOT, 'node_modules/.bin/depcruise');
  const args = [part, '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json'];
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd: folder, maxBuffer: 2 ** 28 }, (error, output) => {
      if (output.startsWith('{')) resolve(JSON.parse(output) as Cruise);
      else reject(new Error(`the cruiser said no JSON: ${output || error?.message}`));
    });
  });
}

const violationsOf = (file: string): string[] =>
  planted.summary.violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);

it('imports that keep to the order pass', () => {
  expect(planted.modules.map(({ source }) => source)).toContain('src/model/job.ts');
  expect(violationsOf('src/model/job.ts')).toEqual([]);
});

it('an import of a later folder is a violation', () => {
  expect(violationsOf('src/state/by-value.ts')).toEqual(['state-imports-upward-only']);
});

it('an import of a later folder is a violation also where only a type is taken', () => {
  expect(violationsOf('src/state/by-type.ts')).toEqual(['state-imports-upward-only']);
});

it('a circle through import type is a violation', () => {
  expect([...violationsOf('src/http/a.ts'), ...violationsOf('src/http/b.ts')]).toContain('no-circle');
});

it('lib imports nothing of ours', () => {
  expect(violationsOf('src/lib/upward.ts')).toContain('lib-imports-nothing-of-ours');
});

it('folders that stay apart do so although the order would allow it', () => {
  expect(violationsOf('src/node/apart.ts')).toEqual(['node-stays-apart']);
});

it('the product imports no tooling', () => {
  expect(violationsOf('src/cli/tooling.ts')).toEqual(['src-imports-no-tooling']);
});

it('an import that does not resolve is a violation', () => {
  expect(violationsOf('src/cli/gone.ts')).toEqual(['resolvable']);
});

/** Of one folder here: `npm test` has it read all of them beside this. */
it("the cruiser reads the project's own files", async () => {
  const { modules } = await cruise(ROOT, 'src/lib');
  const own = modules.map(({ source }) => source).filter((source) => source.startsWith('src/'));
  expect(own.length).toBeGreaterThan(10);
  expect(own).toContain('src/lib/clock.ts');
});
