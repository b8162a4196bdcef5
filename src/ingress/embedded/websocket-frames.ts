/**
 * Follows one direction of a WebSocket as it passes by, to know when it stands between two frames and when its close
 * frame has begun (RFC 6455, 5.2).
 */

/** "1001, going away", as a server sends it and, masked with zeros, as a client does. */
export const GOING_AWAY: Buffer = Buffer.from([0x88, 0x02, 0x03, 0xe9]);
export const GOING_AWAY_MASKED: Buffer = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]);

const CLOSE = 0x8;

export class WebSocketFrames {
  /** The head of the present frame, as far as it has come: at most 14 bytes. */
  readonly #head: number[] = [];
  /** Bytes of its payload that are still to come; undefined: the head is not complete. */
  #left: number | undefined;
  #isClosed = false;
  #closeAt: number | undefined;

  get isBetween(): boolean {
    return this.#left === undefined && this.#head.length === 0;
  }

  /** Its close frame has begun: nothing that counts comes after it. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Where in the bytes that were pushed last the close frame begins; undefined: not there. */
  get closeAt(): number | undefined {
    return this.#closeAt;
  }

  push(bytes: Buffer): void {
    let at = 0;
    this.#closeAt = this.#isClosed ? 0 : undefined;
    while (at < bytes.length) {
      if (this.isBetween && !this.#isClosed && (bytes[at]! & 0x0f) === CLOSE) {
        this.#isClosed = true;
        this.#closeAt = at;
      }
      if (this.#left === undefined) this.#headByte(bytes[at++]!);
      else {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
      }
      if (this.#left === 0) this.#next();
    }
  }

  #next(): void {
    this.#left = undefined;
    this.#head.length = 0;
  }

  #headByte(byte: number): void {
    this.#head.push(byte);
    const [, second] = this.#head;
    if (second === undefined) return;
    const short = second & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const maskBytes = second & 0x80 ? 4 : 0;
    if (this.#head.length < 2 + lengthBytes + maskBytes) return;
    this.#left =
      lengthBytes === 0 ? short : this.#head.slice(2, 2 + lengthBytes).reduce((sum, each) => sum * 256 + each, 0);
  }
}
