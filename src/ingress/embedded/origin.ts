/** Who a connection is from and by which way it came in, as instances are told. Worked out once a connection. */

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface Origin {
  readonly client: Endpoint;
  /** Where the client connected to: this ingress, or the load balancer that says so in a PROXY header. */
  readonly local: Endpoint;
  readonly scheme: 'http' | 'https';
  /** It is one of ours in front of us: what it says in X-Forwarded-* is kept. */
  readonly isTrusted: boolean;
  /** The header lines that say so, where nothing of the client's own is kept. */
  readonly lines: string;
}

export function originOf(
  client: Endpoint,
  local: Endpoint,
  { scheme, isTrusted }: { readonly scheme: Origin['scheme']; readonly isTrusted: boolean },
): Origin {
  const lines =
    `X-Forwarded-For: ${client.address}\r\nX-Forwarded-Proto: ${scheme}\r\n` + `X-Forwarded-Port: ${local.port}\r\n`;
  return { client, local, scheme, isTrusted, lines };
}

/** Without the prefix that a socket of both families gives to addresses of the fourth. */
export const plainAddress = (address: string | undefined): string => (address ?? '').replace(/^::ffff:/, '');
