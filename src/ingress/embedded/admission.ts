/** Who may come in by a service's ways in, as the service says it. */
import { trustedBy } from './trusted.ts';

/** Where a request leads whose client may not come in. */
export const FORBIDDEN = 'forbidden';
export type Forbidden = typeof FORBIDDEN;

/** `networks`: undefined: everybody. */
export function admission(networks: readonly string[] | undefined): (address: string) => boolean {
  return networks === undefined ? () => true : trustedBy(networks);
}
