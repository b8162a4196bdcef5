/** /v2/eventSubscriptions: events are read from /v2/events; nobody is called back. */
import { json } from '../answer.ts';
import { MarathonRefusal } from './errors.ts';
import type { MarathonRoute } from './route.ts';

function refuse(): never {
  throw new MarathonRefusal(400, 'Callbacks for events are not supported: read the events from /v2/events instead.');
}

export const eventSubscriptionRoutes = (): readonly MarathonRoute[] => [
  { path: '/v2/eventSubscriptions', GET: () => json({ callbackUrls: [] }), POST: refuse, DELETE: refuse },
];
