/** The colours of tokens.css as a canvas wants them: as they are in the theme that is shown now. */
import { useEffect, useState } from 'react';

export type Colours = Readonly<Record<string, string>>;

/** `names`: "--good". Must be the same list at every call. */
export function useTokenColours(names: readonly string[]): Colours {
  const [colours, setColours] = useState(() => read(names));
  useEffect(() => {
    const again = () => setColours(read(names));
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const chosen = new MutationObserver(again);
    chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    dark.addEventListener('change', again);
    return () => {
      chosen.disconnect();
      dark.removeEventListener('change', again);
    };
  }, [names]);
  return colours;
}

function read(names: readonly string[]): Colours {
  const probe = document.createElement('span');
  document.body.append(probe);
  const colours = names.map((name): [string, string] => [name, tokenColour(probe, name)]);
  probe.remove();
  return Object.fromEntries(colours);
}

/** As the theme of this element has it. A token itself reads as "light-dark(…)"; what is drawn with it has one colour. */
export function tokenColour(element: HTMLElement, token: string): string {
  const { color: before } = element.style;
  element.style.color = `var(${token})`;
  const { color } = getComputedStyle(element);
  element.style.color = before;
  return color;
}
