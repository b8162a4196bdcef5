/** A state in one word, by one of five tones; the word says it, the colour repeats it. */
import type { ReactNode } from 'react';

export type Tone = 'good' | 'busy' | 'wait' | 'bad' | 'quiet';

export const Badge = ({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) => (
  <span className="badge" data-tone={tone}>
    {children}
  </span>
);
