/** Whatever text a job has, it is the same when its file is read. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJobFile } from '../parse-job-file.ts';
import { encodeJob } from './encode-job.ts';

const PIECES = ['$', '%', '{', '}', '"', '\\', '\n', '\u0000', '${NOMAD_X}', '${attr.a-b}', '${env.}', 'a', '~', 'é'];
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join('')),
);

it('any text and any JSON come back', () => {
  const config = fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
  fc.assert(
    fc.property(text.filter(Boolean), text, config, (label, value, Config) => {
      // -0 is no number of JSON.
      const clean = JSON.parse(JSON.stringify(Config)) as object;
      const job = {
        ID: label,
        Meta: { [label]: value },
        TaskGroups: [{ Name: 'g', Tasks: [{ Name: value, Driver: 'd', Config: clean }] }],
      };
      const read = parseJobFile(encodeJob(job), { fileName: 'x' });
      expect(read.diagnostics).toEqual([]);
      expect(read.job).toMatchObject(job);
    }),
    { numRuns: 60 },
  );
});
