/** The selectors of `label=`: all of them must hold, and the label must be there in every case. */

export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

const KEY = String.raw`((?:\\.|[^\\\s,=!()])+)`;
/** Each ends at a comma or the end of the text. */
const FORMS: readonly {
  readonly form: RegExp;
  readonly holds: (value: string, words: readonly string[]) => boolean;
}[] = [
  { form: new RegExp(String.raw`^\s*${KEY}\s*==\s*${KEY}\s*(?:,|$)`), holds: (value, [word]) => value === word },
  { form: new RegExp(String.raw`^\s*${KEY}\s*!=\s*${KEY}\s*(?:,|$)`), holds: (value, [word]) => value !== word },
  {
    form: new RegExp(String.raw`^\s*${KEY}\s+in\s*\(([^)]*)\)\s*(?:,|$)`),
    holds: (value, words) => words.includes(value),
  },
  {
    form: new RegExp(String.raw`^\s*${KEY}\s+notin\s*\(([^)]*)\)\s*(?:,|$)`),
    holds: (value, words) => !words.includes(value),
  },
  { form: new RegExp(String.raw`^\s*${KEY}\s*(?:,|$)`), holds: () => true },
];

/** undefined: it is none. */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  const selectors: LabelSelector[] = [];
  for (let rest = text; rest.trim() !== ''; ) {
    const match = FORMS.map(({ form, holds }) => ({ found: form.exec(rest), holds })).find(({ found }) => found);
    if (!match?.found) return undefined;
    const [whole, key = '', words = ''] = match.found;
    const values = words.split(/(?<!\\),/).map((word) => withoutBackslashes(word.trim()));
    const { holds } = match;
    selectors.push((labels) => {
      const value = labels[withoutBackslashes(key)];
      return value !== undefined && holds(value, values);
    });
    rest = rest.slice(whole.length);
  }
  return selectors.length === 0 ? undefined : (labels) => selectors.every((selector) => selector(labels));
}

const withoutBackslashes = (text: string): string => text.replace(/\\(.)/g, '$1');
