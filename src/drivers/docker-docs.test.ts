/** What the documents say of the docker driver and what it knows are the same, both ways. */
import { expect, it } from 'vitest';
import { readDoc, rowsOf, sectionOf } from '../lib/testing/doc-tables.ts';
import { DOCKER_CONFIG_KEYS } from './docker-config.ts';
import { DOCKER_PLUGIN_NAMES } from './docker-plugin-config.ts';

it('every key of a task config is documented, and every documented one exists', () => {
  const rows = rowsOf(sectionOf(readDoc('job-files.md'), '## The docker driver'));
  const documented = rows.flatMap(([names]) => names!.replace(' !', '').split(', '));
  expect(documented.sort()).toEqual(Object.keys(DOCKER_CONFIG_KEYS).sort());
});

it('every name of the plugin block is documented, and every documented one exists', () => {
  const rows = rowsOf(sectionOf(readDoc('configuration.md'), '## Docker'));
  const documented = rows.map(([name]) => name!.replaceAll(' { ', '.').replaceAll(' }', ''));
  expect(documented.sort()).toEqual(Object.keys(DOCKER_PLUGIN_NAMES).sort());
});
