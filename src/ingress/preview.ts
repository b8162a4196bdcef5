/**
 * The preview of a service: a way in that leads to its canaries alone, before anybody has promoted them. It stands as
 * long as the service names one, and answers at once that there are none while there are none.
 */
import type { Backend } from '../model/ingress.ts';

/** The canaries of all groups, whatever their weight among the users' requests. */
export function previewOf(all: Backend): Backend {
  // It has one pool: there is nothing to choose, and nobody to be bound.
  const { CanaryHeader, CanaryCookie, TrialCookie, ...backend } = all;
  const Servers = backend.Pools.filter(({ Name }) => Name === 'canary').flatMap((pool) => pool.Servers);
  return {
    ...backend,
    ID: `${backend.ID}/preview`,
    IsPreview: true,
    HoldMs: 0,
    // Cookies know no ports: a look at the preview must not move its viewer to a canary among the users' instances.
    ...(backend.StickyCookie !== undefined && { StickyCookie: `${backend.StickyCookie}_preview` }),
    Pools: [{ Name: 'canary', Weight: 100, Servers }],
  };
}
