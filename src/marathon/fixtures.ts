/** The app definitions under testdata, and an app of one's own for tests. */
import { readdirSync, readFileSync } from 'node:fs';
import type { MarathonApp } from './app.ts';
import type { AppInput } from './app-schema.ts';
import { parseApp } from './parse-app.ts';
import { readApp } from './read-app.ts';

const APPS = new URL('../../testdata/marathon/apps/', import.meta.url);

/** Every app definition by its file's name. */
export const appFiles = (): [string, unknown][] =>
  readdirSync(APPS)
    .sort()
    .map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(new URL(file, APPS), 'utf8'))]);

export const newApp = (fields: AppInput = {}): MarathonApp =>
  readApp(parseApp({ id: '/web', cmd: 'serve', ...fields }).input);
