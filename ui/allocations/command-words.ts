/** A command line as typed, in words: quotes and backslashes as a shell has them, and nothing else of a shell. Pure. */
export function commandWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?)+/gs)) words.push(unquoted(word));
  return words;
}

const unquoted = (word: string): string =>
  word.replace(/\\(.)|"((?:[^"\\]|\\.)*)"?|'([^']*)'?/gs, (_, escaped, inDouble, inSingle) =>
    inDouble !== undefined ? String(inDouble).replace(/\\(["\\$`])/g, '$1') : String(inSingle ?? escaped ?? ''),
  );
