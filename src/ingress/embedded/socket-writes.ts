/** Writing several pieces as one: a system call a message, not a system call a piece. */
import type { Socket } from 'node:net';

/** Up to here copying is cheaper than a second buffer on its way to the kernel. */
const COPY_LIMIT_BYTES = 64 * 1024;

export type Piece = string | Buffer;

/** Text is latin1, as header bytes are. Answers whether the socket takes more right away. */
export function writePieces(socket: Socket, pieces: readonly Piece[]): boolean {
  if (pieces.length === 0) return !socket.writableNeedDrain;
  if (pieces.length === 1) return write(socket, pieces[0]!);
  let size = 0;
  for (const piece of pieces) size += piece.length;
  return size <= COPY_LIMIT_BYTES ? socket.write(joined(pieces, size)) : writeCorked(socket, pieces);
}

/** The pieces of a body as one chunk of a chunked body; `last` ends it. */
export function chunkPieces(data: readonly Buffer[], last: boolean, into: Piece[]): void {
  let size = 0;
  for (const piece of data) size += piece.length;
  if (size > 0) {
    into.push(`${size.toString(16)}\r\n`);
    for (const piece of data) into.push(piece);
    into.push(last ? '\r\n0\r\n\r\n' : '\r\n');
  } else if (last) into.push('0\r\n\r\n');
}

const write = (socket: Socket, piece: Piece): boolean =>
  typeof piece === 'string' ? socket.write(piece, 'latin1') : socket.write(piece);

function joined(pieces: readonly Piece[], size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') at += bytes.write(piece, at, 'latin1');
    else at += piece.copy(bytes, at);
  }
  return bytes;
}

function writeCorked(socket: Socket, pieces: readonly Piece[]): boolean {
  socket.cork();
  for (const piece of pieces) write(socket, piece);
  socket.uncork();
  return !socket.writableNeedDrain;
}
