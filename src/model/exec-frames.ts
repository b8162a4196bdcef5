/**
 * The frames of `alloc exec` on the wire: JSON texts over a WebSocket, bytes in base64. A client sends `ExecInputFrame`s
 * (`{}` is a sign of life), the node answers `ExecOutputFrame`s, the last with the exit status.
 */

export interface StreamFrame {
  readonly data?: string;
  readonly close?: boolean;
}

export interface ExecInputFrame {
  readonly stdin?: StreamFrame;
  readonly tty_size?: { readonly height: number; readonly width: number };
}

export interface ExecOutputFrame {
  readonly stdout?: StreamFrame;
  readonly stderr?: StreamFrame;
  readonly exited?: boolean;
  readonly result?: { readonly exit_code: number };
}

/** What comes first of a client that can send no headers, which says so with `?ws_handshake=true`. */
export interface HandshakeFrame {
  readonly version: number;
  readonly auth_token: string;
}

/** Status codes of a WebSocket's end. */
export const SocketCodes = { done: 1000, leaving: 1001, refused: 1008, failed: 1011 } as const;
