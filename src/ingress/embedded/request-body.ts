/** A request's body on its way: framing of the client in, framing for the instance out, nothing buffered but what came early. */
import { type BodyDecoder, bodyDecoder } from './body-decoder.ts';
import type { Framing } from './header-fields.ts';
import { chunkPieces, type Piece } from './socket-writes.ts';

export class RequestBody {
  readonly decoder: BodyDecoder;
  readonly #isChunked: boolean;
  /** Decoded, not yet sent: the instance is still being connected. */
  #early: Buffer[] = [];
  #isEndSent = false;

  constructor(framing: Framing) {
    this.decoder = bodyDecoder(framing);
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

  /** What is to be sent now. */
  takePieces(): Piece[] {
    const data = this.#early;
    this.#early = [];
    if (!this.#isChunked) return data;
    const isLast = this.decoder.isDone && !this.#isEndSent;
    if (isLast) this.#isEndSent = true;
    const pieces: Piece[] = [];
    chunkPieces(data, isLast, pieces);
    return pieces;
  }
}
