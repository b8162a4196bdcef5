/** The way to the palette, by button and by keys; both dialogs are loaded when they are first asked for. */
import { lazy, Suspense, useState } from 'react';
import { Button } from '../kit/button.tsx';
import { useKeys } from './use-keys.ts';

const Palette = lazy(() => import('./palette.tsx'));
const ShortcutHelp = lazy(() => import('./shortcut-help.tsx'));

export function PaletteButton() {
  const [open, setOpen] = useState<'palette' | 'help'>();
  useKeys({ find: () => setOpen('palette'), help: () => setOpen('help') });
  const close = () => setOpen(undefined);
  return (
    <>
      <Button aria-haspopup="dialog" aria-keyshortcuts="Control+K Meta+K" onClick={() => setOpen('palette')}>
        Find <kbd>Ctrl K</kbd>
      </Button>
      <Suspense>
        {open === 'palette' && <Palette close={close} />}
        {open === 'help' && <ShortcutHelp close={close} />}
      </Suspense>
    </>
  );
}
