/** Each kind of mistake in a job file, and what the user reads about it. */
import { describe, expect, it } from 'vitest';
import { type ParseOptions, parseJobFile } from './parse-job-file.ts';
import { renderDiagnostics } from './render-diagnostics.ts';

function rendered(text: string, options: Partial<ParseOptions> = {}): string {
  const { job, diagnostics } = parseJobFile(text, { fileName: 'web.nomad', ...options });
  expect(job === undefined).toBe(diagnostics.some((each) => each.severity === 'error'));
  return renderDiagnostics(diagnostics);
}
const headlines = (text: string, options: Partial<ParseOptions> = {}): string[] =>
  rendered(text, options)
    .split('\n')
    .filter((line) => /^\S/.test(line));

const inJob = (inside: string): string => `job "j" {\n${inside}\n}\n`;
const inTask = (inside: string): string => inJob(`group "g" {\ntask "t" {\ndriver = "mock"\n${inside}\n}\n}`);

describe('a problem is shown with its line, a caret and what was expected', () => {
  it('an unknown argument, with the nearest known one', () => {
    expect(rendered(inJob('  update {\n\t max_paralel = 3\n  }'))).toBe(
      [
        'web.nomad:3,3-14: Unsupported argument; An argument named "max_paralel" is not expected here.',
        '  3 | \t max_paralel = 3',
        '    | \t ^^^^^^^^^^^',
        '    = Did you mean "max_parallel"?',
        '',
      ].join('\n'),
    );
  });

  it('a block that is never closed', () => {
    expect(rendered('job "j" {\n  group "g" {\n')).toBe(
      [
        'web.nomad:3,1-1: Argument or block definition required; An argument or block definition is required here.',
        '    = expected "}" for the "{" in line 2',
        '',
      ].join('\n'),
    );
  });

  it('a wrong type behind characters outside ASCII', () => {
    expect(rendered(inJob('/* é😀 */ priority = "hoch"'))).toBe(
      [
        'web.nomad:2,21-27: Incorrect attribute value type; Inappropriate value for attribute "priority": a whole number is required.',
        '  2 | /* é😀 */ priority = "hoch"',
        '    |                     ^^^^^^',
        '    = expected a whole number, found a string "hoch"',
        '',
      ].join('\n'),
    );
  });
});

describe('each kind of mistake has its line', () => {
  it.each<readonly [string, string, string]>([
    ['no job', '', 'web.nomad:1,1-1: Missing job block; A "job" block is required in a job file.'],
    [
      'two jobs',
      'job "a" {}\njob "b" {}',
      'web.nomad:2,1-4: Duplicate job block; A job file holds one job; put the others into files of their own.',
    ],
    [
      'unknown block',
      inJob('grup "g" {}'),
      'web.nomad:2,1-5: Unsupported block type; Blocks of type "grup" are not expected here.',
    ],
    [
      'unknown block at the top',
      'jobb "j" {}',
      'web.nomad:1,1-5: Unsupported block type; Blocks of type "jobb" are not expected here.',
    ],
    [
      'a name that every object has',
      inJob('constructor = 1'),
      'web.nomad:2,1-12: Unsupported argument; An argument named "constructor" is not expected here.',
    ],
    [
      'missing label',
      inJob('group {}'),
      'web.nomad:2,1-6: Missing name for group; All group blocks must have 1 labels (name).',
    ],
    [
      'extra label',
      inJob('group "a" "b" {}'),
      'web.nomad:2,11-14: Extraneous label for group; Only 1 labels (name) are expected for group blocks.',
    ],
    [
      'missing argument',
      inJob('group "g" {\n task "t" {}\n}'),
      'web.nomad:3,2-10: Missing required argument; The argument "driver" is required, but no definition was found.',
    ],
    [
      'duplicate argument',
      inJob('type = "a"\ntype = "b"'),
      'web.nomad:3,1-5: Attribute redefined; The argument "type" was already set at web.nomad:2,1-5. Each argument may be set only once.',
    ],
    [
      'duplicate block',
      inJob('update {}\nupdate {}'),
      'web.nomad:3,1-7: Duplicate update block; Only one update block is allowed. Another was defined at web.nomad:2,1-7.',
    ],
    [
      'duplicate volume',
      inJob('group "g" {\nvolume "v" {}\nvolume "v" {}\n}'),
      'web.nomad:4,8-11: Duplicate volume name; A volume named "v" was already defined at web.nomad:3,1-7.',
    ],
    [
      'block as argument',
      inJob('update = { canary = 1 }'),
      'web.nomad:2,1-7: Unsupported argument; An argument named "update" is not expected here.',
    ],
    [
      'argument as block',
      inJob('type {}'),
      'web.nomad:2,1-5: Unsupported block type; Blocks of type "type" are not expected here.',
    ],
    [
      'not a duration',
      inTask('kill_timeout = 30'),
      'web.nomad:5,16-18: Incorrect attribute value type; Inappropriate value for attribute "kill_timeout": a duration such as "30s", "5m" or "1h30m" is required.',
    ],
    [
      'not whole',
      inJob('priority = 1.5'),
      'web.nomad:2,12-15: Incorrect attribute value type; Inappropriate value for attribute "priority": a whole number is required.',
    ],
    [
      'neither a number nor a percentage',
      inJob('update {\n max_surge = "a lot"\n}'),
      'web.nomad:3,14-21: Incorrect attribute value type; Inappropriate value for attribute "max_surge": a whole number or a percentage such as "25%" is required.',
    ],
    [
      'not strings',
      inJob('datacenters = "dc1"'),
      'web.nomad:2,15-20: Incorrect attribute value type; Inappropriate value for attribute "datacenters": a list of strings is required.',
    ],
    [
      'not a bool',
      inTask('leader = "yes"'),
      'web.nomad:5,10-15: Incorrect attribute value type; Inappropriate value for attribute "leader": true or false is required.',
    ],
    [
      'env not text',
      inTask('env {\nA = [1]\n}'),
      'web.nomad:6,5-8: Incorrect attribute value type; Inappropriate value for attribute "A": a string is required.',
    ],
    [
      'quoted name',
      inTask('env {\n"a" = "b"\n}'),
      'web.nomad:6,1-2: Invalid argument name; Argument names must not be quoted.',
    ],
    [
      'no value',
      inJob('type ='),
      'web.nomad:2,7-7: Invalid expression; Expected the start of an expression, but found an invalid expression token.',
    ],
    [
      'two values',
      inJob('type = "a" "b"'),
      'web.nomad:2,12-13: Missing newline after argument; An argument definition must end with a newline.',
    ],
    [
      'no comma',
      inJob('datacenters = ["a" "b"]'),
      'web.nomad:2,20-21: Missing item separator; Expected a comma to mark the beginning of the next item.',
    ],
    [
      'no bracket',
      inJob('datacenters = ["a", "b"\ntype = "x"'),
      'web.nomad:2,15-16: Unclosed bracket; The "[" here is never closed.',
    ],
    [
      'no quote',
      inJob('type = "service\npriority = 50'),
      'web.nomad:2,8-9: Unterminated template string; No closing marker was found for the string.',
    ],
    [
      'heredoc without end',
      'job "j" {\nname = <<EOT\nx\n',
      'web.nomad:2,8-13: Unterminated template string; No closing marker was found for the string.',
    ],
    ['single quotes', inJob("type = 'x'"), 'web.nomad:2,8-9: Invalid character; Strings stand in double quotes (").'],
    [
      'foreign character',
      inJob('type = €'),
      'web.nomad:2,8-9: Invalid character; This character is not used within the language.',
    ],
    [
      'neither argument nor block',
      inJob('type'),
      'web.nomad:2,1-5: Invalid block definition; A block definition must have block content delimited by "{" and "}", starting on the same line as the block header.',
    ],
    [
      'brace on the next line',
      inJob('group "g"\n{\n}'),
      'web.nomad:2,10-10: Invalid block definition; Either a quoted string block label or an opening brace ("{") is expected here.',
    ],
    [
      'brace too many',
      'job "j" {}\n}',
      'web.nomad:2,1-2: Argument or block definition required; An argument or block definition is required here.',
    ],
    [
      'two blocks on a line',
      inJob('group "a" {} group "b" {}'),
      'web.nomad:2,14-19: Missing newline after block definition; A block definition must end with a newline.',
    ],
    [
      'bad escape',
      inJob('type = "a\\qb"'),
      'web.nomad:2,10-12: Invalid escape sequence; The escape sequence "\\q" is not known.',
    ],
    [
      'shell braces',
      inJob('type = "${X:-y}"'),
      'web.nomad:2,12-13: Extra characters after interpolation expression; Expected a closing brace to end the interpolation expression, but found extra characters.',
    ],
    [
      'unclosed directive',
      inJob('type = "%{ if true }x"'),
      'web.nomad:2,9-21: Unclosed template directive; The %{ if } directive has no %{ endif }.',
    ],
    [
      'stray directive',
      inJob('type = "%{ endif }"'),
      'web.nomad:2,9-19: Invalid template directive; %{ endif } does not belong to any open directive.',
    ],
    [
      'unknown variable',
      inJob('type = var.x'),
      'web.nomad:2,11-13: Unsupported attribute; There is no input variable named "x".',
    ],
    [
      'unknown local',
      inJob('type = local.x'),
      'web.nomad:2,13-15: Unsupported attribute; There is no local value named "x".',
    ],
    [
      'runtime value without quotes',
      inJob('type = attr.kernel.name'),
      'web.nomad:2,8-12: Unknown variable; There is no variable named "attr".',
    ],
    [
      'unknown function',
      inJob('type = uper("x")'),
      'web.nomad:2,8-12: Call to unknown function; There is no function named "uper".',
    ],
    [
      'circular locals',
      'locals {\na = local.b\nb = local.a\n}\njob "j" {}',
      'web.nomad:2,1-2: Circular reference; These local values need each other: local.a -> local.b -> local.a.',
    ],
    [
      'dynamic over a number',
      inJob('dynamic "group" {\nfor_each = 5\ncontent {}\n}'),
      'web.nomad:3,12-13: Invalid dynamic for_each value; Cannot use a number value in for_each. An iterable collection is required.',
    ],
    [
      'dynamic without content',
      inJob('dynamic "group" {\nfor_each = []\n}'),
      'web.nomad:2,1-16: Missing required block; The block "content" is required, but no definition was found.',
    ],
    [
      'no files here',
      inJob('type = file("x")'),
      'web.nomad:2,13-16: Error in function call; Call to function "file" failed: files cannot be read here; submit the job from the machine that has the file.',
    ],
    [
      'ingress without listen',
      inJob('group "g" {\nservice {\ningress {}\n}\n}'),
      'web.nomad:4,1-8: Missing required argument; The argument "listen" is required, but no definition was found.',
    ],
    [
      'JSON that is none',
      '{"Job": ',
      'web.nomad:1,9-9: Invalid JSON; The file is not JSON: Unexpected end of JSON input.',
    ],
  ])('%s', (_, text, headline) => {
    expect(headlines(text)).toEqual([headline]);
  });
});

describe('every problem is told at once', () => {
  it('in syntax, names, types and values, in the order of the file', () => {
    const text = [
      'job "j" {',
      '  datacenters = ["dc1"',
      '  }',
      'job "k" {',
      '  typ = "service"',
      '  priority = [',
      '  ]',
      '  region = "a" b',
      '  group "g" {',
      '    count = "many"',
      '    task "t" {',
      '      config { command = nothing }',
      '    }',
      '  }',
      '}',
    ].join('\n');
    expect(headlines(text).map((line) => line.replace(/;.*/, ''))).toEqual([
      'web.nomad:2,17-18: Unclosed bracket',
      'web.nomad:4,1-4: Duplicate job block',
      'web.nomad:5,3-6: Unsupported argument',
      'web.nomad:6,14-7,4: Incorrect attribute value type',
      'web.nomad:8,16-17: Missing newline after argument',
      'web.nomad:10,13-19: Incorrect attribute value type',
      'web.nomad:11,5-13: Missing required argument',
      'web.nomad:12,26-33: Unknown variable',
    ]);
  });
});

describe('a file that asks for too much', () => {
  const many = (count: number, line: (at: number) => string) =>
    Array.from({ length: count }, (_, at) => line(at)).join('\n');

  it.each([
    [
      'doubles a list forty times',
      `locals {\nx0 = [1, 2]\n${many(40, (at) => `x${at + 1} = [local.x${at}, local.x${at}]`)}\n}\njob "j" {}`,
    ],
    [
      'doubles a text forty times',
      `locals {\nx0 = "ab"\n${many(40, (at) => `x${at + 1} = "\${local.x${at}}\${local.x${at}}"`)}\n}\njob "j" {}`,
    ],
    [
      'loops in loops',
      `locals {\nx = [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]\n}\njob "j" {}`,
    ],
  ])('%s', (_, text) => {
    expect(headlines(text)[0]).toContain('Job file too large');
  });

  it('repeats within repetitions in a pattern', () => {
    const pattern = 'regex("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")';
    expect(headlines(inJob(`type = ${pattern}`))[0]).toContain('the regular expression takes too long');
  });

  it.each([
    ['brackets', `job "j" {\ntype = ${'['.repeat(5000)}${']'.repeat(5000)}\n}`],
    ['blocks', `${'a {\n'.repeat(5000)}${'}\n'.repeat(5000)}`],
    ['signs', `job "j" {\ntype = ${'!'.repeat(50_000)}true\n}`],
    ['a long sum', `job "j" {\npriority = ${'1 + '.repeat(50_000)}1\n}`],
  ])('nests too deeply: %s', (_, text) => {
    expect(headlines(text).join('\n')).toContain('Nested too deeply');
  });
});
