/** A request's body on its way: framing of the client in, framing for the instance out, nothing buffered but what came early. */
import { type BodyDecoder, bodyDecoder } from './body-decoder.ts';
import type { Framing, HeaderField } from './header-fields.ts';
import { chunkPieces, type Piece } from './socket-writes.ts';

export class RequestBody {
  readonly decoder: BodyDecoder;
  readonly #isChunked: boolean;
  /** Decoded, not yet sent: the instance is still being connected. */
  #early: Buffer[] = [];
  #isEndSent = false;
  /** What came after the body; only HTTP/2 has a place for it. */
  trailers: readonly HeaderField[] = [];

  constructor(framing: Framing, decoder = bodyDecoder(framing)) {
    this.decoder = decoder;
    this.#isChunked = framing.kind === 'chunked';
  }

  /** All of it has come from the client. */
  get isComplete(): boolean {
    return this.decoder.isDone;
  }

  get hasEarly(): boolean {
    return this.#early.length > 0;
  }

  /** Takes bytes of the client; answers what came after the body. Throws `BadMessage`. */
  push(bytes: Buffer): Buffer | undefined {
    return this.decoder.push(bytes, this.#early);
  }

  /** What is to be sent now, without a framing. */
  takeData(): Buffer[] {
    const data = this.#early;
    this.#early = [];
    return data;
  }

  /** What is to be sent now. */
  takePieces(): Piece[] {
    const data = this.takeData();
    if (!this.#isChunked) return data;
    const isLast = this.decoder.isDone && !this.#isEndSent;
    if (isLast) this.#isEndSent = true;
    const pieces: Piece[] = [];
    chunkPieces(data, isLast, pieces);
    return pieces;
  }
}
