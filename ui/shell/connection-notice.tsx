/** Says that what is shown may be old, and since when. */

import { Ago } from '../kit/time.tsx';
import type { Connection } from '../live/connection.ts';

export const ConnectionNotice = ({ connection }: { readonly connection: Connection }) => (
  <div role="status">
    {connection.state === 'lost' && (
      <p className="shell-notice">
        The connection to the agent was lost <Ago ms={connection.sinceMs} />. What is shown may be old; the page goes on
        trying, and catches up by itself.
      </p>
    )}
  </div>
);
