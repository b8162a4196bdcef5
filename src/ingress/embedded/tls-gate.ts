/** TLS at the ingress's own end: the certificate for the name that a client asks for, and the handshake. */
import type { Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls';
import type { Certificate } from '../certificates.ts';

export class TlsGate {
  readonly #byName = new Map<string, SecureContext>();
  readonly #first: SecureContext | undefined;
  readonly #server: Server;
  /** Connections in their handshake, by their four ends. */
  readonly #waiting = new Map<string, (socket: TLSSocket) => void>();

  /** `protocols`: what may be spoken, the best first; none: it is not for us to say. */
  constructor(certificates: readonly Certificate[], protocols: readonly string[]) {
    for (const { cert, key, names } of certificates) {
      const context = createSecureContext({ cert, key });
      this.#first ??= context;
      for (const name of names) if (!this.#byName.has(name)) this.#byName.set(name, context);
    }
    const [first] = certificates;
    this.#server = createServer({
      ...(first !== undefined && { cert: first.cert, key: first.key }),
      ...(protocols.length > 0 && { ALPNProtocols: [...protocols] }),
      SNICallback: (name, chosen) => chosen(null, this.contextFor(name)),
    });
    this.#server.on('secureConnection', (socket) => this.#opened(socket));
    // A handshake that fails is the client's affair: its connection is closed, and nobody has heard of it.
    this.#server.on('tlsClientError', () => {});
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** `opened` is called when the handshake is over; where it fails the socket is closed. */
  secure(socket: Socket, opened: (socket: TLSSocket) => void): void {
    const ends = endsOf(socket);
    this.#waiting.set(ends, opened);
    socket.once('close', () => this.#waiting.delete(ends));
    this.#server.emit('connection', socket);
  }

  /** Its own certificate, one for all names beside it, or the first. */
  contextFor(name: string): SecureContext | undefined {
    const lower = name.toLowerCase().replace(/\.$/, '');
    const above = lower.slice(lower.indexOf('.') + 1);
    return this.#byName.get(lower) ?? this.#byName.get(`*.${above}`) ?? this.#first;
  }

  #opened(socket: TLSSocket): void {
    const opened = this.#waiting.get(endsOf(socket));
    this.#waiting.delete(endsOf(socket));
    if (opened === undefined) socket.destroy();
    else opened(socket);
  }
}

const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
