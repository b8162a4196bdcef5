/**
 * Routes as a map for HAProxy: the longest entry that the request's host, path and a "/" begin with is the one. So a new
 * route needs no reload, and a prefix ends at a path's segment: "h/api/" takes "h/api" and "h/api/users", not "h/apiary".
 */
import type { Frontend } from '../../model/ingress.ts';
import type { RoutePlace } from '../route-match.ts';
import { serviceName } from './names.ts';

export const routesMap = (listen: number): string => `routes-${listen}`;

/** Before the port of a redirect, where otherwise a service stands. */
export const REDIRECT = '!';

/** Stands for any host. */
export const ANY_HOST = '*';

export function routeMaps(frontends: readonly Frontend[]): [string, Map<string, string>][] {
  return frontends
    .filter(({ Mode }) => Mode === 'http')
    .map((frontend) => [routesMap(frontend.Listen), routesOf(frontend)]);
}

function routesOf({ Mode, Routes, Redirects = [] }: Frontend): Map<string, string> {
  return new Map([
    ...Routes.map((route): [string, string] => [entryOf(route), serviceName(route.Backend.ID, Mode)]),
    ...Redirects.map((redirect): [string, string] => [entryOf(redirect), `${REDIRECT}${redirect.Port}`]),
  ]);
}

const entryOf = ({ Host, Path }: RoutePlace): string =>
  `${Host === '' ? ANY_HOST : Host}${Path.endsWith('/') ? Path : `${Path}/`}`;
