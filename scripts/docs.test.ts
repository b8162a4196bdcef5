/** What the documents point at exists: files behind links, and commands of `serin` and npm. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/cli/command-table.ts';
import { groupsOf } from '../src/cli/help.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** Those that the documents show being mistyped. */
const MISTAKES = ['statsu'];
const WORDS = new Set([
  'agent',
  ...COMMANDS.flatMap(({ words, aliases = [] }) => [words, ...aliases]),
  ...groupsOf(COMMANDS),
]);

/** What stands in code: fenced, indented by a prompt or not, and between backticks. */
const codeOf = (text: string): string[] =>
  [...text.matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].flatMap(([code]) => code.replaceAll('`', '').split('\n'));

/** `serin job run …` names a command by one word or two. */
function unknownCommands(text: string): string[] {
  return codeOf(text)
    .map((line) => /^(?:\$ |NOMAD_ADDR=\S+ )?(?:npx )?serin ([a-z]+)(?: ([a-z]+))?/.exec(line.trim()))
    .filter((match) => match !== null)
    .map(([, first, second]) => [first!, `${first} ${second}`])
    .filter((names) => !names.some((name) => WORDS.has(name) || MISTAKES.includes(name)))
    .map(([first]) => first!);
}

function unknownScripts(text: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const called = codeOf(text).flatMap((line) => /\bnpm run ([a-z]+)/.exec(line)?.[1] ?? []);
  return called.filter((name) => !(name in scripts));
}

function deadLinks(text: string, document: string): string[] {
  return [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !existsSync(join(ROOT, dirname(document), target)));
}

describe.each(DOCUMENTS)('%s', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');

  it('links to files that exist', () => expect(deadLinks(text, document)).toEqual([]));

  it('names commands and scripts that exist', () => {
    expect(unknownCommands(text)).toEqual([]);
    expect(unknownScripts(text)).toEqual([]);
  });
});
