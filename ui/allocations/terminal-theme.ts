/** The colours of a terminal, out of those of the page. */
import type { ITheme } from '@xterm/xterm';

const TOKENS = {
  background: '--surface',
  foreground: '--ink',
  cursor: '--accent',
  cursorAccent: '--surface',
  selectionBackground: '--accent-ground',
  black: '--ink',
  red: '--bad',
  green: '--good',
  yellow: '--wait',
  blue: '--busy',
  magenta: '--version-new',
  cyan: '--version-old',
  white: '--quiet-ground',
  brightBlack: '--ink-soft',
  brightRed: '--bad',
  brightGreen: '--good',
  brightYellow: '--wait',
  brightBlue: '--busy',
  brightMagenta: '--version-new',
  brightCyan: '--version-old',
  brightWhite: '--surface',
} as const satisfies Record<string, string>;

/** A terminal cannot read custom properties: the browser works each colour out for an element first. */
export function terminalTheme(element: HTMLElement): ITheme {
  const theme = Object.fromEntries(
    Object.entries(TOKENS).map(([name, token]) => {
      element.style.color = `var(${token})`;
      return [name, getComputedStyle(element).color];
    }),
  );
  element.style.color = '';
  return theme;
}
