/** What the palette calls an action. */
import { expect, it } from 'vitest';
import { actionName } from './screen-actions.ts';

it.each([
  ['Promote', 'Promote the new version?', 'Promote the new version'],
  ['Weight', 'Give the canaries another share?', 'Weight: Give the canaries another share'],
  ['Scale', 'Scale the group "app"', 'Scale the group "app"'],
])('%s is found by what its button says', (label, title, name) => {
  expect(actionName(label, title)).toBe(name);
});
