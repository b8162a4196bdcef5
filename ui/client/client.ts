/** The one client of the page: its agent is where it came from. */
import { apiClientOver } from '../../src/api/client-over.ts';
import { fetchTransport } from './fetch-transport.ts';
import { readToken } from './token.ts';

export const client = apiClientOver(fetchTransport({ address: location.origin, token: readToken }));
