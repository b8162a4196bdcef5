/** Whether more is to come, in a sentence. */
import { wordsOf } from '../client/words.ts';
import type { TextStream } from './use-text-stream.ts';

export const OutputState = ({ stream }: { readonly stream: TextStream }) => (
  <span className="soft" role="status">
    {stream.error === undefined ? WORDS[stream.state] : `${wordsOf(stream.error)}`}
  </span>
);

const WORDS: Readonly<Record<TextStream['state'], string>> = {
  opening: 'Asking the agent …',
  open: 'New lines appear as they are written.',
  lost: 'The connection was lost; it is opened again.',
  ended: 'This is all there was when it was read.',
};
