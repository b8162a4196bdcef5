/** How configuration names servers: "10.0.0.1", "10.0.0.1:4646" or a URL. */
import { DEFAULT_HTTP_PORT, withPort } from './config.ts';

export function serverUrlOf(server: string, isSecure: boolean): string {
  if (server.includes('://')) return server.replace(/\/$/, '');
  return `${isSecure ? 'https' : 'http'}://${withPort(server, DEFAULT_HTTP_PORT)}`;
}
