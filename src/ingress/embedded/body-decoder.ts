/**
 * Finds the end of a body in a stream of bytes, however it was cut, and hands out the data between: nothing is
 * buffered. Chunk extensions and trailers are dropped, so that what is sent on has one reading only.
 */
import { assertNever } from '../../lib/assert.ts';
import { BadMessage, type Framing } from './header-fields.ts';

export interface BodyDecoder {
  readonly isDone: boolean;
  /** Takes bytes; `data` gets the pieces of the body. Answers what came after its end. Throws `BadMessage`. */
  push(bytes: Buffer, data: Buffer[]): Buffer | undefined;
  /** Whether the body is whole when the sender closes now. */
  readonly mayEnd: boolean;
}

export function bodyDecoder(framing: Framing): BodyDecoder {
  switch (framing.kind) {
    case 'none':
      return NONE;
    case 'length':
      return new LengthDecoder(framing.length);
    case 'chunked':
      return new ChunkedDecoder();
    case 'until-close':
      return UNTIL_CLOSE_DECODER;
    default:
      return assertNever(framing);
  }
}

const NONE: BodyDecoder = { isDone: true, mayEnd: true, push: (bytes) => bytes };

const UNTIL_CLOSE_DECODER: BodyDecoder = {
  isDone: false,
  mayEnd: true,
  push(bytes, data) {
    data.push(bytes);
    return undefined;
  },
};

/** A body whose end is told by somebody else, as that of an HTTP/2 stream is. */
export class ToldDecoder implements BodyDecoder {
  isDone = false;
  readonly mayEnd = false;

  push(bytes: Buffer, data: Buffer[]): Buffer | undefined {
    if (bytes.length > 0) data.push(bytes);
    return undefined;
  }
}

class LengthDecoder implements BodyDecoder {
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  get mayEnd(): boolean {
    return this.#left === 0;
  }

  push(bytes: Buffer, data: Buffer[]): Buffer | undefined {
    if (bytes.length <= this.#left) {
      this.#left -= bytes.length;
      data.push(bytes);
      return undefined;
    }
    if (this.#left > 0) data.push(bytes.subarray(0, this.#left));
    const rest = bytes.subarray(this.#left);
    this.#left = 0;
    return rest;
  }
}

/** size → size-lf → data → data-cr → data-lf → size …; after size 0: trailer lines up to an empty one → done. */
type ChunkState =
  | 'size'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'trailer-start'
  | 'trailer'
  | 'trailer-lf'
  | 'end-lf'
  | 'done';

const CR = 13;
const LF = 10;
const TAB = 9;
const SPACE = 32;
const SEMICOLON = 59;
const MAX_LINE_BYTES = 4096;
const MAX_TRAILER_BYTES = 16 * 1024;

class ChunkedDecoder implements BodyDecoder {
  #state: ChunkState = 'size';
  #size = 0;
  #digits = 0;
  #lineBytes = 0;
  #trailerBytes = 0;

  get isDone(): boolean {
    return this.#state === 'done';
  }

  get mayEnd(): boolean {
    return this.#state === 'done';
  }

  push(bytes: Buffer, data: Buffer[]): Buffer | undefined {
    let at = 0;
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'data') at = this.#take(bytes, at, data);
      else this.#state = this.#next(bytes[at++]!);
    }
    return at < bytes.length ? bytes.subarray(at) : undefined;
  }

  #take(bytes: Buffer, at: number, data: Buffer[]): number {
    const end = Math.min(bytes.length, at + this.#size);
    data.push(bytes.subarray(at, end));
    this.#size -= end - at;
    if (this.#size === 0) this.#state = 'data-cr';
    return end;
  }

  #next(byte: number): ChunkState {
    switch (this.#state) {
      case 'size':
        return this.#sizeByte(byte);
      case 'extension':
        if (++this.#lineBytes > MAX_LINE_BYTES) throw malformed();
        return lineByte(byte, 'extension', 'size-lf');
      case 'size-lf':
        return expected(byte, LF, this.#size === 0 ? 'trailer-start' : 'data');
      case 'data-cr':
        return expected(byte, CR, 'data-lf');
      case 'data-lf':
        this.#size = 0;
        this.#digits = 0;
        this.#lineBytes = 0;
        return expected(byte, LF, 'size');
      case 'trailer-start':
      case 'trailer':
        if (++this.#trailerBytes > MAX_TRAILER_BYTES) throw malformed();
        return lineByte(byte, 'trailer', this.#state === 'trailer' ? 'trailer-lf' : 'end-lf');
      case 'trailer-lf':
        return expected(byte, LF, 'trailer-start');
      case 'end-lf':
        return expected(byte, LF, 'done');
      case 'data':
      case 'done':
        return this.#state;
      default:
        return assertNever(this.#state);
    }
  }

  #sizeByte(byte: number): ChunkState {
    const digit = hexDigit(byte);
    if (digit !== undefined) {
      if (++this.#digits > 12) throw malformed();
      this.#size = this.#size * 16 + digit;
      return 'size';
    }
    if (this.#digits === 0) throw malformed();
    if (byte === CR) return 'size-lf';
    if (byte === SEMICOLON || byte === SPACE || byte === TAB) return 'extension';
    throw malformed();
  }
}

/** A byte of a line whose text does not matter: only CR may end it. */
function lineByte(byte: number, same: ChunkState, afterCr: ChunkState): ChunkState {
  if (byte === LF) throw malformed();
  return byte === CR ? afterCr : same;
}

function expected(byte: number, wanted: number, next: ChunkState): ChunkState {
  if (byte !== wanted) throw malformed();
  return next;
}

const malformed = () => new BadMessage(400, 'the chunked body is malformed');

function hexDigit(byte: number): number | undefined {
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 97 && byte <= 102) return byte - 87;
  if (byte >= 65 && byte <= 70) return byte - 55;
  return undefined;
}
