/** Marathon's clients know names and passwords, and DC/OS's a token of its own form: the password is the token. */
import type { IncomingHttpHeaders } from 'node:http';

export function withToken(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const said = headers.authorization ?? '';
  const basic = /^Basic +(\S+)$/i.exec(said)?.[1];
  const token = basic ? passwordOf(basic) : /^token=(\S+)$/i.exec(said)?.[1];
  return token === undefined ? headers : { ...headers, 'x-nomad-token': token };
}

function passwordOf(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}
