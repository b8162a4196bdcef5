/**
 * The routes that one `ingress` block asks for: the one that users take, those by which the canaries can be looked at
 * before anybody else sees them, and the port from which users are sent to the one with TLS. A preview port answers to
 * every host, so that an address and a port are enough to try it; a preview host shares the port of the users.
 */
import type { ServiceIngress } from './service.ts';

export interface IngressWay {
  readonly Listen: number;
  readonly Host: string;
  readonly Path: string;
  readonly Mode: string;
  readonly hasTls: boolean;
  /** It leads to the canaries alone. */
  readonly isPreview: boolean;
  /** It leads to no instance: requests are sent to this port, which has TLS. */
  readonly redirectTo: number | undefined;
  /** What it asks for; see `ServiceIngress`. */
  readonly auth: Pick<ServiceIngress, 'AuthUsers' | 'AuthRealm'>;
}

export function waysOf(ingress: ServiceIngress): IngressWay[] {
  const { Listen, Host, Path, Mode, PreviewListen, PreviewHost, RedirectListen } = ingress;
  const hasTls = ingress.TLS === true;
  const live = { Listen, Host, Path, Mode, hasTls, isPreview: false, redirectTo: undefined, auth: ingress };
  return [
    live,
    ...(PreviewListen === undefined ? [] : [{ ...live, Listen: PreviewListen, Host: '', isPreview: true }]),
    ...(PreviewHost === undefined ? [] : [{ ...live, Host: PreviewHost, isPreview: true }]),
    ...(RedirectListen === undefined ? [] : [{ ...live, Listen: RedirectListen, hasTls: false, redirectTo: Listen }]),
  ];
}

/** Two ways with one key are one route. */
export const routeKey = ({ Listen, Host, Path }: Pick<IngressWay, 'Listen' | 'Host' | 'Path'>): string =>
  `${Listen} ${Host} ${Path}`;

/** What a port speaks: all ways through it agree. "http", "http over TLS", "tcp", "tcp over TLS". */
export const portSpeech = ({ Mode, hasTls }: Pick<IngressWay, 'Mode' | 'hasTls'>): string =>
  hasTls ? `${Mode} over TLS` : Mode;

export const hasPreview = (ingress: ServiceIngress): boolean =>
  ingress.PreviewListen !== undefined || ingress.PreviewHost !== undefined;

/** What users come in by stands before what leads to canaries, and that before what leads to no instance. */
export function purposeRank({ isPreview, redirectTo }: Pick<IngressWay, 'isPreview' | 'redirectTo'>): number {
  if (redirectTo !== undefined) return 2;
  return isPreview ? 1 : 0;
}

/** "*:8080/shop"; of mode "tcp", which knows neither host nor path: "port 8080". */
export const describeWay = ({
  Mode,
  Listen,
  Host,
  Path,
}: Pick<IngressWay, 'Mode' | 'Listen' | 'Host' | 'Path'>): string =>
  Mode === 'tcp' ? `port ${Listen}` : `${Host || '*'}:${Listen}${Path}`;
