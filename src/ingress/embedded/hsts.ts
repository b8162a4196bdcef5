/** What a client that came by TLS is told of coming back: by TLS alone (RFC 6797). */
import type { ResponseHead } from './response-head.ts';

const NAME = 'Strict-Transport-Security';
const LOWER = NAME.toLowerCase();

/** What the instance itself says of it counts. `seconds`: undefined: nothing is to be said. */
export function withHsts(head: ResponseHead, seconds: number | undefined): ResponseHead {
  if (seconds === undefined || head.fields.some(({ lower }) => lower === LOWER)) return head;
  return { ...head, fields: [...head.fields, { name: NAME, lower: LOWER, value: `max-age=${seconds}` }] };
}
