import { describe, expect, it } from 'vitest';
import { entriesOf } from './older-release.js';

describe("the sources of a machine's packages", () => {
  it('are read as lines', () => {
    const text =
      '# a comment\ndeb http://mirror/debian bookworm main contrib\ndeb [signed-by=/k.gpg] http://other x y\n';
    expect(entriesOf(text)).toEqual([
      { options: '', uri: 'http://mirror/debian', suites: ['bookworm'], components: ['main', 'contrib'] },
      { options: '[signed-by=/k.gpg]', uri: 'http://other', suites: ['x'], components: ['y'] },
    ]);
  });

  it('are read as stanzas', () => {
    const stanza = 'Types: deb\nURIs: http://mirror/debian\nSuites: bookworm bookworm-updates\nComponents: main\n';
    expect(entriesOf(`${stanza}Signed-By: /k.gpg\n\n${stanza}`)).toEqual([
      {
        options: '[signed-by=/k.gpg]',
        uri: 'http://mirror/debian',
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main'],
      },
      { options: '', uri: 'http://mirror/debian', suites: ['bookworm', 'bookworm-updates'], components: ['main'] },
    ]);
  });
});
