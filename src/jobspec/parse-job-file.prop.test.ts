/** No text brings the parser down, and no mistake goes without a place in the file. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJobFile } from './parse-job-file.ts';
import { renderDiagnostics } from './render-diagnostics.ts';

const SAMPLE = readFileSync(new URL('../../testdata/jobspec/web-v1.nomad', import.meta.url), 'utf8');
const RICH = `variable "n" {
  type    = list(object({ p = number }))
  default = [{ p = 1 }]
}
locals {
  t = <<-EOT
    a \${upper("b")} %{ for x in var.n ~} \${x.p} %{ endfor }
  EOT
  m = { for i, x in var.n : "k\${i}" => x.p... if x.p > 0 }
}
job "rich" {
  meta { t = local.t }
  group "g" {
    network {
      dynamic "port" {
        for_each = var.n[*].p
        labels   = ["p\${port.key}"]
        content { to = port.value == 1 ? 80 : -90 }
      }
    }
    task "t" {
      driver = "raw_exec"
      config {
        args = concat(["\${NOMAD_PORT_p0}"], [[for k, v in local.m : k]]...) // c
        mount { x = 1 }
      }
    }
  }
}
`;

const PIECES = [
  '{',
  '}',
  '"',
  '${',
  '%{',
  '[',
  ']',
  '(',
  ')',
  '=',
  '\n',
  '<<EOT\n',
  'EOT',
  '~',
  '\\',
  '#',
  '/*',
  'for',
  'if',
  '...',
  '.',
  ',',
  ':',
  '=>',
  '?',
  '!',
  '-',
  '*',
  'var',
  'local',
  "'",
  '\u0000',
  '\ud800',
  'é',
  '1e999',
  '%{ if true }',
  '%{ endif }',
  '__proto__ = 1\n',
];

function check(text: string): void {
  const { job, diagnostics } = parseJobFile(text, { fileName: 'x.nomad' });
  expect(job === undefined).toBe(diagnostics.some((each) => each.severity === 'error'));
  const lines = text.split('\n').length;
  for (const { line, column, endLine, endColumn, file, summary, detail } of diagnostics) {
    expect(file).toBe('x.nomad');
    expect(line).toBeGreaterThan(0);
    expect(endLine).toBeLessThanOrEqual(lines);
    expect(endLine > line || endColumn >= column).toBe(true);
    expect(summary !== '' && detail !== '').toBe(true);
  }
  expect(renderDiagnostics(diagnostics)).not.toContain('undefined');
}

const mutated = (sample: string) =>
  fc
    .array(fc.tuple(fc.nat(sample.length), fc.nat(20), fc.constantFrom(...PIECES)), { minLength: 1, maxLength: 4 })
    .map((edits) => edits.reduce((text, [at, cut, piece]) => text.slice(0, at) + piece + text.slice(at + cut), sample));

describe('the parser', () => {
  it('reads the sample that is mutated below', () => {
    expect(renderDiagnostics(parseJobFile(RICH, { fileName: 'x' }).diagnostics)).toBe('');
  });

  it('survives any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), check), { numRuns: 200 });
  });

  it('survives any row of its own tokens', () => {
    const rows = fc.array(fc.constantFrom(...PIECES, ' ', 'job "j" {\n', 'a = '), { maxLength: 40 });
    fc.assert(
      fc.property(rows, (pieces) => check(pieces.join(''))),
      { numRuns: 500 },
    );
  });

  it('survives job files with pieces cut out and put in', () => {
    fc.assert(fc.property(fc.oneof(mutated(SAMPLE), mutated(RICH)), check), { numRuns: 500 });
  });

  it('survives any JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.jsonValue(), (text, value) => {
        check(text);
        check(JSON.stringify({ job: value }));
      }),
      { numRuns: 200 },
    );
  });
});
