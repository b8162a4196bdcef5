/** One cookie of a request, and the header line that sets one. */
import type { HeaderField } from './header-fields.ts';

/** The value of the first cookie of that name. */
export function cookieValue(fields: readonly HeaderField[], name: string): string | undefined {
  for (const { lower, value } of fields) {
    const found = lower === 'cookie' ? valueIn(value, name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function valueIn(cookies: string, name: string): string | undefined {
  for (const pair of cookies.split(';')) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/** For the whole host, until the browser closes. */
export const setCookie = (name: string, value: string, isSecure: boolean): string =>
  `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
