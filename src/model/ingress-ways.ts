/**
 * The routes that one `ingress` block asks for: the one that users take, and those by which the canaries can be looked at
 * before anybody else sees them. A preview port answers to every host, so that an address and a port are enough to try
 * it; a preview host shares the port of the users.
 */
import type { ServiceIngress } from './service.ts';

export interface IngressWay {
  readonly Listen: number;
  readonly Host: string;
  readonly Path: string;
  readonly Mode: string;
  /** It leads to the canaries alone. */
  readonly isPreview: boolean;
}

export function waysOf(ingress: ServiceIngress): IngressWay[] {
  const { Listen, Host, Path, Mode, PreviewListen, PreviewHost } = ingress;
  const live = { Listen, Host, Path, Mode, isPreview: false };
  return [
    live,
    ...(PreviewListen === undefined ? [] : [{ ...live, Listen: PreviewListen, Host: '', isPreview: true }]),
    ...(PreviewHost === undefined ? [] : [{ ...live, Host: PreviewHost, isPreview: true }]),
  ];
}

/** Two ways with one key are one route. */
export const routeKey = ({ Listen, Host, Path }: Pick<IngressWay, 'Listen' | 'Host' | 'Path'>): string =>
  `${Listen} ${Host} ${Path}`;

export const hasPreview = (ingress: ServiceIngress): boolean =>
  ingress.PreviewListen !== undefined || ingress.PreviewHost !== undefined;
