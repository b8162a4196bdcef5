/** TLS at the ingress's own end: the certificate for the name that a client asks for, and the handshake. */
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { Certificate } from '../certificates.ts';

export class TlsContexts {
  readonly #byName = new Map<string, SecureContext>();
  #first: SecureContext | undefined;

  constructor(certificates: readonly Certificate[]) {
    for (const { cert, key, names } of certificates) {
      const context = createSecureContext({ cert, key });
      this.#first ??= context;
      for (const name of names) if (!this.#byName.has(name)) this.#byName.set(name, context);
    }
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** The socket as the one end of a TLS connection; "secure" follows, or "close". */
  secure(socket: Socket, protocols: readonly string[]): TLSSocket {
    return new TLSSocket(socket, {
      isServer: true,
      ...(this.#first !== undefined && { secureContext: this.#first }),
      ...(protocols.length > 0 && { ALPNProtocols: [...protocols] }),
      SNICallback: (name, chosen) => chosen(null, this.contextFor(name)),
    });
  }

  /** Its own certificate, one for all names beside it, or the first. */
  contextFor(name: string): SecureContext | undefined {
    const lower = name.toLowerCase().replace(/\.$/, '');
    const above = lower.slice(lower.indexOf('.') + 1);
    return this.#byName.get(lower) ?? this.#byName.get(`*.${above}`) ?? this.#first;
  }
}
