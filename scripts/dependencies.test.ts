/** Every dependency has its reason in docs/adr/, and every reason its dependency. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rowsOf } from '../src/lib/testing/doc-tables.ts';

const ROOT = new URL('../', import.meta.url);

function packages(): string[] {
  const manifest = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
}

function documented(): string[] {
  const folder = new URL('docs/adr/', ROOT);
  return readdirSync(folder)
    .filter((name) => /^\d{4}-/.test(name))
    .flatMap((name) => rowsOf(readFileSync(new URL(name, folder), 'utf8')).map(([dependency]) => dependency!));
}

it('every dependency has a decision record that names it, and no record names one that is gone', () => {
  expect(documented().sort()).toEqual(packages().sort());
});
