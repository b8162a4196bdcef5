/** Every function of the language. `file` is the only one that looks outside, through what the caller injects. */
import { fail, text } from '../arguments.ts';
import { define, type FunctionTable } from '../function-table.ts';
import { collectionFunctions } from './collections.ts';
import { conversionFunctions } from './conversions.ts';
import { dateFunctions } from './dates.ts';
import { encodingFunctions } from './encodings.ts';
import { networkFunctions } from './networks.ts';
import { numberFunctions } from './numbers.ts';
import { regexFunctions } from './regexes.ts';
import { setFunctions } from './sets.ts';
import { stringFunctions } from './strings.ts';

const pure: FunctionTable = new Map(
  Object.entries({
    ...numberFunctions,
    ...stringFunctions,
    ...regexFunctions,
    ...collectionFunctions,
    ...setFunctions,
    ...encodingFunctions,
    ...dateFunctions,
    ...networkFunctions,
    ...conversionFunctions,
  }),
);

export function functionsFor(readFile: ((path: string) => string) | undefined): FunctionTable {
  return new Map([...pure, ['file', define('path', (args) => read(text(args, 0), readFile))]]);
}

function read(path: string, readFile: ((path: string) => string) | undefined): string {
  if (!readFile) return fail(0, 'files cannot be read here; submit the job from the machine that has the file');
  try {
    return readFile(path);
  } catch (error) {
    return fail(0, error instanceof Error ? error.message : String(error));
  }
}
