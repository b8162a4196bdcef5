/** Variables and locals from every place that sets them. */
import { describe, expect, it } from 'vitest';
import { type ParseOptions, parseJobFile } from './parse-job-file.ts';
import { headline } from './render-diagnostics.ts';

function metaOf(text: string, options: Partial<ParseOptions> = {}): unknown {
  const { job, diagnostics } = parseJobFile(text, { fileName: 'x.nomad', ...options });
  return job ? job.Meta : diagnostics.map(headline);
}
const withVariable = (inside: string, use = 'var.v'): string =>
  `variable "v" {\n${inside}\n}\njob "j" {\nmeta { v = ${use} }\n}`;

describe('the last that speaks wins', () => {
  const text = withVariable('type = string\ndefault = "default"');
  const file = (value: string) => ({ fileName: `${value}.hcl`, text: `v = "${value}"` });

  it.each<readonly [string, Partial<ParseOptions>]>([
    ['default', {}],
    ['environment', { environment: { NOMAD_VAR_v: 'environment' } }],
    ['ours', { environment: { NOMAD_VAR_v: 'environment', SERIN_VAR_v: 'ours' } }],
    ['file', { environment: { NOMAD_VAR_v: 'environment' }, variableFiles: [file('first'), file('file')] }],
    ['flag', { variables: { v: 'flag' }, variableFiles: [file('file')] }],
    ['json', { variableFiles: [{ fileName: 'v.json', text: '{\n"v"\n:\n"json"}' }] }],
  ])('%s', (value, options) => {
    expect(metaOf(text, options)).toEqual({ v: value });
  });
});

describe('a value is read as its type wants', () => {
  it.each([
    ['string', '5', 'var.v', '5'],
    ['number', '5', 'var.v + 1', '6'],
    ['bool', 'true', 'var.v ? "yes" : "no"', 'yes'],
    ['list(string)', '["a", "b"]', 'join(",", var.v)', 'a,b'],
    ['list(number)', '["1", 2]', 'var.v[0] + var.v[1]', '3'],
    ['set(string)', '["b", "a", "b"]', 'join(",", var.v)', 'a,b'],
    ['map(number)', '{ a = "1" }', 'var.v.a + 1', '2'],
    [
      'object({ name = string, port = optional(number) })',
      '{ name = "x", more = 1 }',
      '"${var.v.name}${length(keys(var.v))}"',
      'x2',
    ],
    ['tuple([string, number])', '["a", "2"]', 'var.v[1] + 1', '3'],
    ['any', '[1, 2]', 'length(var.v)', '2'],
  ])('%s from %s', (type, value, use, result) => {
    expect(metaOf(withVariable(`type = ${type}`, use), { variables: { v: value } })).toEqual({ v: result });
  });

  it('without a type it is text', () => {
    expect(metaOf(withVariable(''), { variables: { v: '[1' } })).toEqual({ v: '[1' });
  });
});

describe('what is wrong with a variable is said', () => {
  it.each<readonly [string, string, Partial<ParseOptions>, string]>([
    [
      'not set',
      'type = string',
      {},
      'x.nomad:1,10-13: Unset variable "v"; A variable must be set or have a default value.',
    ],
    [
      'wrong default',
      'type = number\ndefault = "x"',
      {},
      'x.nomad:3,11-14: Invalid value for variable; Unsuitable value for variable "v": a number is required, not a string.',
    ],
    [
      'wrong flag',
      'type = number',
      { variables: { v: 'true' } },
      '-var v:1,1-5: Invalid value for variable; Unsuitable value for variable "v": a number is required, not a bool.',
    ],
    [
      'deep inside',
      'type = list(object({ p = number }))',
      { variables: { v: '[{ p = 1 }, { p = [] }]' } },
      '-var v:1,1-24: Invalid value for variable; Unsuitable value for variable "v": [1].p: a number is required, not a list.',
    ],
    [
      'missing field',
      'type = object({ p = number })',
      { variables: { v: '{}' } },
      '-var v:1,1-3: Invalid value for variable; Unsuitable value for variable "v": the attribute "p" is required.',
    ],
    [
      'flag that is no expression',
      'type = number',
      { variables: { v: '1 +' } },
      '-var v:1,4-4: Invalid expression; Expected the start of an expression, but found an invalid expression token.',
    ],
    [
      'undeclared flag',
      'default = 1',
      { variables: { w: '1' } },
      '-var w:1,1-2: Undefined variable; The variable "w" was set, but the job file does not declare it.',
    ],
    [
      'unknown type',
      'type = strin\ndefault = 1',
      {},
      'x.nomad:2,8-13: Invalid type specification; A type is string, number, bool, any, list(T), set(T), map(T), tuple([T, …]) or object({ name = T }).',
    ],
    [
      'unknown argument',
      'defalt = 1\ndefault = 1',
      {},
      'x.nomad:2,1-7: Unsupported argument; An argument named "defalt" is not expected here.',
    ],
    [
      'default that uses a local',
      'default = local.x',
      {},
      'x.nomad:2,11-16: Unknown variable; There is no variable named "local".',
    ],
    [
      'broken file',
      'default = 1',
      { variableFiles: [{ fileName: 'v.hcl', text: 'v = ]' }] },
      'v.hcl:1,5-6: Invalid expression; Expected the start of an expression, but found an invalid expression token.',
    ],
    [
      'validation',
      'default = 5\nvalidation {\ncondition = var.v > 10\nerror_message = "Too small."\n}',
      {},
      'x.nomad:2,11-12: Invalid value for variable; v: Too small.',
    ],
  ])('%s', (_, inside, options, message) => {
    expect(metaOf(withVariable(inside), options)).toEqual([message]);
  });

  it('a file that sets more than the job declares is a warning', () => {
    const options = { fileName: 'x', variableFiles: [{ fileName: 'v.hcl', text: 'vv = 1' }] };
    const { job, diagnostics } = parseJobFile(withVariable('default = 1'), options);
    expect(job).toBeDefined();
    expect(diagnostics.map(headline)).toEqual([
      'v.hcl:1,1-3: Warning: Undeclared variable; The file sets "vv", but the job file declares no variable of that name.',
    ]);
  });

  it('twice the same name', () => {
    const twice =
      'variable "a" { default = 1 }\nvariable "a" { default = 2 }\nlocals {\nx = 1\n}\nlocals {\nx = 2\n}\njob "j" {}';
    expect(metaOf(twice)).toEqual([
      'x.nomad:2,10-13: Duplicate variable; A variable named "a" was already declared. Variable names must be unique.',
      'x.nomad:7,1-2: Duplicate local value; A local value named "x" was already defined. Local names must be unique.',
    ]);
  });
});

describe('locals', () => {
  it('may use variables and each other in any order, and keep runtime values', () => {
    const text = `locals {
      url  = "http://\${local.host}:\${NOMAD_PORT_http}"
      host = "\${var.name}.example.com"
    }
    variables { name = "web" }
    job "j" {
      meta { v = local.url }
    }`;
    expect(metaOf(text)).toEqual({ v: 'http://web.example.com:${NOMAD_PORT_http}' });
  });
});
