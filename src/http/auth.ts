/**
 * Who may do what, where tokens are in use. Two kinds: `management` may do everything; `agent` is what nodes and
 * ingresses join with, and reaches only what they need. Whether the agent is healthy, and for the page, anybody may ask.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export const TokenKinds = { management: 'management', agent: 'agent' } as const;
export type TokenKind = (typeof TokenKinds)[keyof typeof TokenKinds];

export interface TokenPolicy {
  /** "" on an agent that leaves the question to its server. */
  readonly management: string;
  readonly agent: string;
  /** Asks a server whether a token that is not known here may do everything; rejects while none answers. */
  readonly isManagement?: (token: string) => Promise<boolean>;
}

/** The page holds no secrets: what it shows it asks for, with a token that its reader types. */
const OPEN = ['/', '/ui', '/v1/agent/health'];
const OPEN_BELOW = ['/ui/'];
/** What people set by hand is theirs. */
const NOT_FOR_AGENTS = ['/v1/ingress/server/'];
const FOR_AGENTS = ['/v1/internal/', '/v1/ingress/', '/v1/status/'];

/** The sentence of the refusal, or undefined when the call may go on. `path` is without its query. */
export async function tokenRefusal(
  path: string,
  headers: IncomingHttpHeaders,
  policy: TokenPolicy,
): Promise<string | undefined> {
  if (OPEN.includes(path) || OPEN_BELOW.some((start) => path.startsWith(start))) return undefined;
  const token = tokenOf(headers);
  if (token === undefined) return 'This agent asks for a token: send it as X-Nomad-Token.';
  const kind = kindOf(token, policy) ?? ((await policy.isManagement?.(token)) ? 'management' : undefined);
  if (kind === 'management') return undefined;
  if (kind === 'agent' && isForAgents(path)) return undefined;
  if (kind === 'agent') return 'The token of nodes and ingresses may not do this; use the management token.';
  return 'The token is not one of this agent.';
}

const isForAgents = (path: string): boolean =>
  FOR_AGENTS.some((start) => path.startsWith(start)) && !NOT_FOR_AGENTS.some((start) => path.startsWith(start));

export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const own = headers['x-nomad-token'];
  if (typeof own === 'string' && own !== '') return own;
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

function kindOf(token: string, policy: TokenPolicy): TokenKind | undefined {
  const isManagement = isSameSecret(token, policy.management);
  const isAgent = isSameSecret(token, policy.agent);
  if (isManagement) return 'management';
  return isAgent ? 'agent' : undefined;
}

/** In constant time; the digests are of one length, so not even the length shows. An empty secret matches nothing. */
function isSameSecret(given: string, secret: string): boolean {
  const same = timingSafeEqual(digest(given), digest(secret));
  return same && secret !== '';
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
