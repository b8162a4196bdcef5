/** Header fields between the form of this proxy and that of Node's HTTP/2. */
import type { OutgoingHttpHeaders } from 'node:http2';
import type { HeaderField } from './header-fields.ts';

/** Of a flat list of names and values, without the pseudo-headers. Cookies that came in crumbs are one field again. */
export function fieldsOf(raw: readonly string[]): HeaderField[] {
  const fields: HeaderField[] = [];
  const crumbs: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name, value] = [raw[at]!, raw[at + 1]!];
    if (name.startsWith(':')) continue;
    if (name === 'cookie') crumbs.push(value);
    else fields.push({ name, lower: name, value });
  }
  if (crumbs.length > 0) fields.push({ name: 'cookie', lower: 'cookie', value: crumbs.join('; ') });
  return fields;
}

/** Of these a message has one: a second one is dropped, as readers of HTTP/1 do. */
const SINGLE: ReadonlySet<string> = new Set([
  ...['access-control-allow-credentials', 'access-control-max-age', 'access-control-request-method', 'age'],
  ...['authorization', 'content-encoding', 'content-language', 'content-length', 'content-location', 'content-md5'],
  ...['content-range', 'content-type', 'date', 'dnt', 'etag', 'expires', 'from', 'host', 'if-match'],
  ...['if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'last-modified', 'location'],
  ...['max-forwards', 'proxy-authorization', 'range', 'referer', 'retry-after', 'tk', 'upgrade-insecure-requests'],
  ...['user-agent', 'x-content-type-options'],
]);

/** Names in lower case. */
export function headersOf(pairs: readonly (readonly [name: string, value: string])[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of pairs) {
    const known = headers[name];
    if (known === undefined) headers[name] = value;
    else if (!SINGLE.has(name)) headers[name] = [known, value].flat();
  }
  return headers;
}
