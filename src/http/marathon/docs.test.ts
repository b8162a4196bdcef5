/** docs/marathon.md and the code say the same, both ways. */
import { expect, it } from 'vitest';
import { readDoc, rowsOf, sectionOf } from '../../lib/testing/doc-tables.ts';
import { MarathonEventTypes } from '../../marathon/events.ts';
import type { MarathonDeps } from './deps.ts';
import { MARATHON_METHODS } from './route.ts';
import { marathonRoutes } from './routes.ts';

const DOCS = readDoc('marathon.md');
const tableOf = (section: string): string[][] => rowsOf(sectionOf(DOCS, `## ${section}`));

it('every route is documented, and every documented route exists', () => {
  const routes = marathonRoutes({} as MarathonDeps).map((route) => {
    const methods = MARATHON_METHODS.filter((method) => route[method] !== undefined);
    return `${methods.join(', ')} ${route.path}`;
  });
  expect(
    tableOf('Endpoints')
      .map(([methods, path]) => `${methods} ${path}`)
      .sort(),
  ).toEqual(routes.sort());
});

it('every type of event is documented in its words, and every documented one exists', () => {
  expect(tableOf('Events')).toEqual(Object.entries(MarathonEventTypes).map(([type, about]) => [type, about]));
});
