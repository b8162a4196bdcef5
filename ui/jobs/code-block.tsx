/** A text to read and to copy. */
import { useState } from 'react';
import { Button } from '../kit/button.tsx';

export interface CodeBlockProps {
  readonly name: string;
  readonly text: string;
}

export const CodeBlock = ({ name, text }: CodeBlockProps) => (
  <section className="code-block" aria-label={name}>
    <Copy text={text} />
    {/* A part that scrolls can be reached by keyboard. */}
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: so that it scrolls without a mouse. */}
    <pre tabIndex={0}>{text}</pre>
  </section>
);

function Copy({ text }: { readonly text: string }) {
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      // Only pages of a secure address may: elsewhere people select the text.
      setSaid('The browser does not let this page copy: select the text');
    }
  };
  return (
    <div className="row code-tools">
      <span role="status" className="soft">
        {said}
      </span>
      <Button onClick={() => void copy()}>Copy</Button>
    </div>
  );
}
