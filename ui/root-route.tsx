/** The root of all addresses: the frame, and what is said where there is no view or one breaks. */
import { createRootRoute } from '@tanstack/react-router';
import { Empty, ErrorNote } from './kit/note.tsx';
import { Shell } from './shell/shell.tsx';

export const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: () => <Empty>There is no such view. The list of jobs is a good place to begin.</Empty>,
  errorComponent: ({ error }) => <ErrorNote error={error} />,
});
