/**
 * A web page from elsewhere cannot reach in: before anything happens, the Host must be a name of this agent (else a
 * page could point its own name at a loopback address and talk to us) and a browser's call must come from our own page.
 * Programs such as curl send no Origin and no Sec-Fetch headers, and are not hindered.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIPv4 } from 'node:net';

export interface HostPolicy {
  /** Names and addresses, without a port, besides the loopback's: the bind address, the advertised one, configured ones. */
  readonly allowedHosts: readonly string[];
  /** Whole origins ("https://ops.example.com") whose pages may call. */
  readonly allowedOrigins: readonly string[];
}

interface Asked {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

interface Rule {
  readonly refuses: (asked: Asked, policy: HostPolicy) => boolean;
  readonly sentence: (asked: Asked) => string;
}

/** In this order; the first that refuses speaks. */
const RULES: readonly Rule[] = [
  {
    refuses: ({ headers }, policy) => !isOwnHost(hostName(headers.host ?? ''), policy),
    sentence: ({ headers }) =>
      `The Host ${JSON.stringify(headers.host ?? '')} is not a name of this agent; add it to the allowed hosts of its configuration, or call it by its address.`,
  },
  {
    refuses: ({ headers }, policy) =>
      headers.origin !== undefined && !isOwnOrigin(headers.origin, headers.host ?? '', policy),
    sentence: ({ headers }) =>
      `Pages from ${JSON.stringify(headers.origin ?? '')} may not call this agent; add the origin to the allowed origins of its configuration.`,
  },
  {
    refuses: (asked, policy) => isForeignFetch(asked) && !isAllowedOrigin(asked.headers.origin, policy),
    sentence: () => 'A browser made this call for a page from elsewhere; only the own page of this agent may.',
  },
  {
    refuses: ({ method, headers }, policy) => isWrite(method) && hasForeignReferer(headers, policy),
    sentence: () => 'A browser made this call for a page from elsewhere; only the own page of this agent may.',
  },
];

/** The sentence of the refusal, or undefined when the call may go on. */
export function refusalOf(asked: Asked, policy: HostPolicy): string | undefined {
  return RULES.find((rule) => rule.refuses(asked, policy))?.sentence(asked);
}

function isOwnHost(name: string, policy: HostPolicy): boolean {
  if (name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'))) return true;
  return policy.allowedHosts.some((allowed) => allowed.toLowerCase() === name);
}

/** "[::1]:4646" → "::1", "Web:80" → "web". */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(host);
  return (bracketed?.[1] ?? host.replace(/:\d+$/, '')).toLowerCase();
}

function isOwnOrigin(origin: string, host: string, policy: HostPolicy): boolean {
  return isAllowedOrigin(origin, policy) || hostOf(origin) === withoutDefaultPort(host);
}

const isAllowedOrigin = (origin: string | undefined, policy: HostPolicy): boolean =>
  origin !== undefined && policy.allowedOrigins.includes(origin);

/** undefined for what is no URL ("null" comes from sandboxed pages and files). */
function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

const withoutDefaultPort = (host: string): string => host.toLowerCase().replace(/:(80|443)$/, '');

/** A link followed from elsewhere is harmless: it only reads, and the page that has it cannot see the answer. */
function isForeignFetch({ method, headers }: Asked): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin') return false;
  if (isWrite(method)) return true;
  return site !== 'none' && headers['sec-fetch-mode'] !== 'navigate';
}

function hasForeignReferer(headers: IncomingHttpHeaders, policy: HostPolicy): boolean {
  if (headers.origin !== undefined || headers.referer === undefined) return false;
  const origin = URL.canParse(headers.referer) ? new URL(headers.referer).origin : 'null';
  return !isOwnOrigin(origin, headers.host ?? '', policy);
}

const isWrite = (method: string): boolean => method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
