/** Expressions and their values, one row each. */
import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../diagnostic.ts';
import { parseValue } from '../syntax/parse-body.ts';
import { evaluate } from './evaluate.ts';
import { functionsFor } from './functions/all.ts';
import { Budget, type Scope, withValues } from './scope.ts';
import { fromJson, toJson } from './value.ts';

function run(text: string): { value: unknown; problems: string[] } {
  const diagnostics = new Diagnostics();
  const bare: Scope = {
    roots: new Map(),
    outer: undefined,
    diagnostics,
    functions: functionsFor((path) => `content of ${path}`),
    budget: new Budget(),
    keepsUnknown: true,
  };
  const scope = withValues(bare, { ports: fromJson([80, 443]), tags: fromJson({ b: 'two', a: 'one' }), none: null });
  const expression = parseValue({ fileName: 'x', text }, diagnostics);
  const value = expression && evaluate(expression, scope);
  const problems = diagnostics.sorted().map((each) => `${each.summary}; ${each.detail}`);
  return { value: value === undefined ? undefined : toJson(value), problems };
}

const EXPRESSIONS: readonly (readonly [string, unknown])[] = [
  ['1 + 2 * 3 - 4 / 2', 5],
  ['(1 + 2) * 3', 9],
  ['10 - 3 - 2', 5],
  ['7 % 4', 3],
  ['-2 + 5', 3],
  ['--2', 2],
  ['1.5e3', 1500],
  ['"5" + 1', 6],
  ['1 < 2 && 2 <= 2 || false', true],
  ['!(1 > 2)', true],
  ['1 == 1.0', true],
  ['"1" == 1', false],
  ['[1, 2] == [1, 2]', true],
  ['{a = 1} != {a = 2}', true],
  ['true ? "yes" : "no"', 'yes'],
  ['false ? 1 : true ? 2 : 3', 2],
  ['[1, "two", true, null,]', [1, 'two', true, null]],
  ['[\n 1,\n 2\n]', [1, 2]],
  ['{ a = 1, "b" = 2, (tags.a) = 3 }', { a: 1, b: 2, one: 3 }],
  ['{\n a : 1\n b = 2\n}', { a: 1, b: 2 }],
  ['{ 1 = "x" }', { 1: 'x' }],
  ['ports[0]', 80],
  ['ports.1', 443],
  ['tags.a', 'one'],
  ['tags["b"]', 'two'],
  ['[{n = 1}, {n = 2}][*].n', [1, 2]],
  ['[{n = [1]}, {n = [2]}].*.n', [[1], [2]]],
  ['[{n = [1]}, {n = [2]}].*.n[1]', [2]],
  ['[{n = [1]}, {n = [2]}][*].n[0]', [1, 2]],
  ['none[*]', []],
  ['tags[*].a', ['one']],
  ['[for p in ports : p + 1]', [81, 444]],
  ['[for i, p in ports : "${i}:${p}" if p > 100]', ['1:443']],
  ['[for k, v in tags : "${k}=${v}"]', ['a=one', 'b=two']],
  ['{for k, v in tags : v => k}', { one: 'a', two: 'b' }],
  ['{for p in [1, 1, 2] : "k${p}" => p...}', { k1: [1, 1], k2: [2] }],
  ['{\n for k, v in tags :\n k => upper(v)\n if k != "a"\n}', { b: 'TWO' }],
  ['"a${1 + 1}b"', 'a2b'],
  ['"${ports}"', [80, 443]],
  ['"${ports[0]}"', 80],
  ['"$${ports} %%{if}"', '${ports} %{if}'],
  ['"$5 100% \\"q\\" \\\\ \\u00e9 \\U0001F600\\n"', '$5 100% "q" \\ é 😀\n'],
  ['"%{ if true }yes%{ else }no%{ endif }"', 'yes'],
  ['"%{ for p in ports }<${p}>%{ endfor }"', '<80><443>'],
  ['"a   ${~ 1 ~}   b"', 'a1b'],
  ['<<EOT\n  two\n  lines ${1 + 1}\nEOT\n', '  two\n  lines 2\n'],
  ['<<-EOT\n    a\n      b\n\n    c ${1}\n    EOT\n', 'a\n  b\n\nc 1\n'],
  ['<<EOT\nEOT\n', ''],
  ['<<EOT\nbackslash \\n stays\nEOT', 'backslash \\n stays\n'],
  ['"${<<EOT\ninner\nEOT\n}"', 'inner\n'],
  ['upper(<<A\nx\nA\n)', 'X\n'],
  ['max([1, 5, 3]...)', 5],
  ['try(tags.nothing, "default")', 'default'],
  ['can(tags.nothing)', false],
  ['can(tags.a)', true],
  ['file("a.txt")', 'content of a.txt'],
  ['1 /* inline */ + # end\n 2', 3],
  ['{ for-ever = 1 }', { 'for-ever': 1 }],
];

const RUNTIME: readonly string[] = [
  '${NOMAD_PORT_http}',
  '${attr.kernel.name}',
  '${node.unique.id}',
  '${meta.rack}',
  '${env["HOME"]}',
  '${attr.unique.network.ip-address}',
  'http://${NOMAD_IP_http}:${NOMAD_PORT_http}/',
];

const WRONG: readonly (readonly [string, string])[] = [
  ['nothing', 'Unknown variable; There is no variable named "nothing".'],
  ['"${upper(attr.x)}"', 'Unknown variable; There is no variable named "attr".'],
  ['tags.c', 'Unsupported attribute; This object does not have an attribute named "c".'],
  ['ports.name', 'Unsupported attribute; Only a map has attributes; this value is a list.'],
  ['ports[2]', 'Invalid index; The given key does not identify an element in this collection value (a list).'],
  ['nofn(1)', 'Call to unknown function; There is no function named "nofn".'],
  ['upper()', 'Not enough function arguments; Function "upper" takes 1 argument, not 0.'],
  ['upper("a", "b")', 'Too many function arguments; Function "upper" takes 1 argument, not 2.'],
  ['abs("x")', 'Error in function call; Call to function "abs" failed: argument 1 must be a number, not a string.'],
  ['max(ports[0]...)', 'Invalid expanding argument value; The argument before ... must be a list.'],
  ['1 + true', 'Invalid operand; Unsuitable value for right operand: a number is required, this is a bool.'],
  ['1 && true', 'Invalid operand; Unsuitable value for left operand: a bool is required, this is a number.'],
  ['!5', 'Invalid operand; Unsuitable value for operand: a bool is required, this is a number.'],
  ['range()', 'Not enough function arguments; Function "range" takes 1 to 3 arguments, not 0.'],
  ['max()', 'Not enough function arguments; Function "max" takes 1 or more arguments, not 0.'],
  ['1e999', 'Number too large; The number 1e999 is too large.'],
  ['1 / 0', 'Division by zero; The right operand of a division is 0.'],
  ['"x" ? 1 : 2', 'Incorrect condition type; A condition is true or false; this one is a string.'],
  ['[for x in 5 : x]', 'Iteration over non-iterable value; A for expression walks a list or map; this is a number.'],
  ['{for p in [1, 2] : "k" => p}', 'Duplicate object key; Two items of the for expression have the key "k".'],
  ['{ (ports) = 1 }', "Incorrect key type; A map's keys are text; this one is a list."],
  [
    '"a${ports}"',
    'Invalid template interpolation value; The value between ${ and } must be text, a number or a bool; this one is a list.',
  ],
];

describe('an expression has a value', () => {
  it.each(EXPRESSIONS)('%s', (text, value) => {
    expect(run(text)).toEqual({ value, problems: [] });
  });
});

describe('what only the node knows stays as it was written', () => {
  it.each(RUNTIME)('%s', (text) => {
    expect(run(`"${text.replaceAll('"', '"')}"`)).toEqual({ value: text, problems: [] });
  });
});

describe('an expression that has no value says why', () => {
  it.each(WRONG)('%s', (text, problem) => {
    expect(run(text)).toEqual({ value: undefined, problems: [problem] });
  });

  it('names every wrong operand at once', () => {
    expect(run('a + b * upper(c)').problems).toHaveLength(3);
  });
});

const FUNCTIONS: readonly (readonly [string, unknown])[] = [
  ['[abs(-2), ceil(1.2), floor(1.8), log(16, 2), pow(2, 5), signum(-4)]', [2, 2, 1, 4, 32, -1]],
  ['[max(1, 3, 2), min(4, 2), sum([1, 2, 3]), parseint("ff", 16), parseint("-101", 2)]', [3, 2, 6, 255, -5]],
  [
    '[chomp("a\\n\\n"), lower("AB"), upper("ab"), title("hello world"), strrev("añb")]',
    ['a', 'ab', 'AB', 'Hello World', 'bña'],
  ],
  [
    '[trim("?!a?!", "!?"), trimprefix("pre-a", "pre-"), trimsuffix("a.go", ".go"), trimspace("  a ")]',
    ['a', 'a', 'a', 'a'],
  ],
  [
    '[substr("hello", 1, 3), substr("hello", -3, -1), strlen("héé"), startswith("ab", "a"), endswith("ab", "b")]',
    ['ell', 'llo', 3, true, true],
  ],
  ['split(",", "a,b")', ['a', 'b']],
  ['join("-", ["a", "b"], ["c"])', 'a-b-c'],
  ['indent(2, "a\\nb")', 'a\n  b'],
  [
    'format("%s is %d, %05.2f, %q, %v, %t, %x, %%, %-4s|%4s|", "a", 3, 1.5, "q", [1], true, 255, "l", "r")',
    'a is 3, 01.50, "q", [1], true, ff, %, l   |   r|',
  ],
  ['format("%[2]s %[1]s", "a", "b")', 'b a'],
  ['formatlist("%s:%d", ["a", "b"], 80)', ['a:80', 'b:80']],
  ['replace("1 + 2 + 3", "+", "-")', '1 - 2 - 3'],
  ['replace("a1b22", "/[0-9]+/", "#")', 'a#b#'],
  ['regex_replace("b-ab", "(a)?b", "<$1>")', '<>-<a>'],
  ['regex("[a-z]+", "53x1y")', 'x'],
  ['regex("(\\\\d+)-(\\\\d+)", "10-20")', ['10', '20']],
  ['regex("(?P<major>\\\\d+)\\\\.", "3.4")', { major: '3' }],
  ['regexall("(?i)[a]", "aAb")', ['a', 'A']],
  ['chunklist([1, 2, 3], 2)', [[1, 2], [3]]],
  ['[coalesce(null, "", "x"), coalescelist([], [1]), compact(["", "a"]), concat([1], [2])]', ['x', [1], ['a'], [1, 2]]],
  [
    '[contains([1, 2], 2), distinct([1, 1, 2]), element([1, 2], 3), flatten([[1, [2]], 3])]',
    [true, [1, 2], 2, [1, 2, 3]],
  ],
  [
    '[index([5, 6], 6), keys({b = 1, a = 2}), values({b = 1, a = 2}), length("añ"), length([1])]',
    [1, ['a', 'b'], [2, 1], 2, 1],
  ],
  ['[lookup({a = 1}, "a"), lookup({}, "b", 7), merge({a = 1, b = 1}, {b = 2})]', [1, 7, { a: 1, b: 2 }]],
  [
    '[range(3), range(1, 3), range(0, 10, 5), range(3, 0)]',
    [
      [0, 1, 2],
      [1, 2],
      [0, 5],
      [3, 2, 1],
    ],
  ],
  [
    '[reverse([1, 2]), slice([1, 2, 3], 1, 2), sort(["b", "a"]), zipmap(["a"], [1]), one([5])]',
    [[2, 1], [2], ['a', 'b'], { a: 1 }, 5],
  ],
  ['[alltrue([true, "true"]), anytrue([]), matchkeys(["x", "y"], [1, 2], [2])]', [true, false, ['y']]],
  ['[setunion(["b"], ["a", "b"]), setintersection([1, 2], [2, 3]), setsubtract([1, 2], [2])]', [['a', 'b'], [2], [1]]],
  [
    'setproduct(["a", "b"], [1, 2])',
    [
      ['a', 1],
      ['a', 2],
      ['b', 1],
      ['b', 2],
    ],
  ],
  ['[base64encode("hé"), base64decode("aMOp"), urlencode("a b&c!")]', ['aMOp', 'hé', 'a+b%26c%21']],
  ['jsonencode({b = [1, null], a = "<x>"})', '{"a":"\\u003cx\\u003e","b":[1,null]}'],
  ['jsondecode("{\\"a\\": [1, true]}")', { a: [1, true] }],
  ['csvdecode("a,b\\n1,\\"x, y\\"\\n")', [{ a: '1', b: 'x, y' }]],
  ['md5("hello")', '5d41402abc4b2a76b9719d911017c592'],
  ['sha1("hello")', 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'],
  ['sha256("")', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['base64sha256("")', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='],
  ['uuidv5("dns", "www.example.com")', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
  [
    'formatdate("EEE, DD MMM YYYY hh:mm:ss \'at\' HH AA", "2026-01-31T22:05:06Z")',
    'Sat, 31 Jan 2026 22:05:06 at 10 PM',
  ],
  ['timeadd("2026-01-31T23:30:00Z", "1h30m")', '2026-02-01T01:00:00Z'],
  [
    '[cidrhost("10.12.112.0/20", 16), cidrhost("10.0.0.0/8", -1), cidrnetmask("172.16.0.0/12")]',
    ['10.12.112.16', '10.255.255.255', '255.240.0.0'],
  ],
  ['cidrsubnet("172.16.0.0/12", 4, 2)', '172.18.0.0/16'],
  [
    '[tostring(5), tonumber("5"), tobool("true"), tolist(["a"]), toset(["b", "a", "b"]), tomap({a = 1})]',
    ['5', 5, true, ['a'], ['a', 'b'], { a: 1 }],
  ],
  ['[basename("/a/b.txt"), dirname("/a/b.txt")]', ['b.txt', '/a']],
];

describe('a function has its value', () => {
  it.each(FUNCTIONS)('%s', (text, value) => {
    expect(run(text)).toEqual({ value, problems: [] });
  });
});
