/**
 * Collects the bytes of a message's head until its empty line, however the stream was cut into pieces.
 * Only CRLF ends a line: a bare LF is refused at once instead of being waited out.
 */
import { BadMessage } from './header-fields.ts';

export const MAX_HEAD_BYTES = 32 * 1024;

const END = Buffer.from('\r\n\r\n', 'latin1');
const CR = 13;
const LF = 10;

export interface HeadText {
  /** The head up to and with the CRLF of its last line; the empty line is not in it. */
  readonly text: string;
  /** What came after the head. */
  readonly rest: Buffer | undefined;
}

export class HeadReader {
  #collected: Buffer | undefined;
  /** Where the search goes on: what is before it holds no end of a head and no bare LF. */
  #searched = 0;

  /** Whether a head has begun. */
  get isStarted(): boolean {
    return this.#collected !== undefined;
  }

  /** The head, once it is complete. Throws `BadMessage`. */
  push(chunk: Buffer): HeadText | undefined {
    const bytes = this.#append(chunk);
    if (bytes === undefined) return undefined;
    const end = bytes.indexOf(END, Math.max(0, this.#searched - 3));
    if (end === -1) return this.#incomplete(bytes);
    if (end + 4 > MAX_HEAD_BYTES) throw tooLarge();
    this.#collected = undefined;
    this.#searched = 0;
    return {
      text: bytes.toString('latin1', 0, end + 2),
      rest: end + 4 < bytes.length ? bytes.subarray(end + 4) : undefined,
    };
  }

  /** Empty lines before a head are skipped, as the protocol asks for. */
  #append(chunk: Buffer): Buffer | undefined {
    const bytes = this.#collected === undefined ? chunk : Buffer.concat([this.#collected, chunk]);
    let start = 0;
    while (bytes[start] === CR && bytes[start + 1] === LF) start += 2;
    return start === 0 ? bytes : this.#skip(bytes, start);
  }

  #skip(bytes: Buffer, start: number): Buffer | undefined {
    this.#searched = Math.max(0, this.#searched - start);
    this.#collected = undefined;
    return start === bytes.length ? undefined : bytes.subarray(start);
  }

  #incomplete(bytes: Buffer): undefined {
    if (bytes.length > MAX_HEAD_BYTES) throw tooLarge();
    for (let at = bytes.indexOf(LF, this.#searched); at !== -1; at = bytes.indexOf(LF, at + 1)) {
      if (bytes[at - 1] !== CR) throw new BadMessage(400, 'a line ends without CR');
    }
    this.#collected = bytes;
    this.#searched = bytes.length;
    return undefined;
  }
}

const tooLarge = () => new BadMessage(431, `the header is larger than ${MAX_HEAD_BYTES / 1024} KB`);
