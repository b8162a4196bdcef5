/** Goldens of the whole configuration. `SERIN_WRITE_GOLDENS=1` writes them; HAProxy itself checks them in the live tests. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { haproxyFiles } from './files.ts';
import { layoutId, renderConfig } from './render.ts';
import { GOLDEN_DIR, GOLDENS, goldenInput } from './render-examples.ts';

it.each(Object.keys(GOLDENS))('the configuration of %s', (name) => {
  const text = renderConfig(goldenInput(GOLDENS[name]!));
  const file = new URL(`../../../testdata/haproxy/${name}.cfg`, import.meta.url);
  if (process.env.SERIN_WRITE_GOLDENS === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
});

it('servers do not change what a worker is known by, everything else does', () => {
  const input = goldenInput(GOLDENS['one-service']!);
  expect(layoutId({ ...input, maxHeld: 7 })).not.toBe(layoutId(input));
  expect(layoutId({ ...input, certificates: '/elsewhere' })).toBe(layoutId(input));
  expect(layoutId({ ...input, template: { global: ['maxconn 9'], defaults: [], backend: [] } })).not.toBe(
    layoutId(input),
  );
  expect(renderConfig({ ...input, servers: new Map() })).toContain(`description ${layoutId(input)}\n`);
  expect(haproxyFiles(GOLDEN_DIR).config).toBe(`${GOLDEN_DIR}/haproxy.cfg`);
});
