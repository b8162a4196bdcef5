/** The page: hears of changes first, then asks, so that nothing falls in between. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { followEvents } from './live/event-stream.ts';
import { pageRouter } from './router.tsx';
import { applyTheme } from './shell/theme.ts';
import './style/tokens.css';
import './style/base.css';
import './kit/kit.css';

/** A stream that opens later makes everything be asked again. */
const STREAM_WITHIN_MS = 300;

const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: Number.POSITIVE_INFINITY, retry: 1, refetchOnWindowFocus: false, refetchOnReconnect: false },
  },
});

applyTheme();
await Promise.race([
  followEvents(queryClient, new AbortController().signal),
  new Promise((resolve) => setTimeout(resolve, STREAM_WITHIN_MS)),
]);
createRoot(document.getElementById('page') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={pageRouter} />
    </QueryClientProvider>
  </StrictMode>,
);
