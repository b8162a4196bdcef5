/** Where /v2 is looked for: apart from `marathon.ts`, which the table of commands must not load. */
import type { FlagSpec } from './flags.ts';

export const DEFAULT_MARATHON_URL = 'http://127.0.0.1:8080';

export const MARATHON_URL: FlagSpec = {
  name: 'marathon-url',
  value: 'url',
  about: `Where /v2 is. Else MARATHON_URL, else ${DEFAULT_MARATHON_URL}.`,
};
