/** What is worth saying of an app as somebody wrote it, before anybody judges it. */
import { labelWarnings } from './label-warnings.ts';
import { parseApp } from './parse-app.ts';
import { MarathonProblem } from './problems.ts';
import { readApp } from './read-app.ts';

/** One sentence each; none of an app whose types are wrong, since that is an error. */
export function appWarnings(json: unknown): readonly string[] {
  try {
    const { input, warnings } = parseApp(json);
    return [...warnings, ...labelWarnings(readApp(input))];
  } catch (error) {
    if (error instanceof MarathonProblem) return [];
    throw error;
  }
}
