/** The framed form of a task's output, or of a file: JSON objects one behind the other, cut anywhere by the network. */

export interface LogFrame {
  /** "server.stdout.0": rotated files count up. */
  readonly file: string;
  /** Of the first byte of `data` in its file. */
  readonly offset: number;
  readonly data: Buffer;
  /** "file truncated" or "file deleted"; what comes next is what is under its name then. */
  readonly event?: string;
}

/** A whole flat object: its texts may hold braces. */
const OBJECT = /\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}/y;

/** Heartbeats, which carry no data, are left out. */
export async function* readLogFrames(body: AsyncIterable<Uint8Array>): AsyncGenerator<LogFrame> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    for (let object = nextObject(rest); object !== undefined; object = nextObject(rest)) {
      rest = rest.slice(object.length).trimStart();
      const { File: file, Offset: offset = 0, Data: data = '', FileEvent: event } = JSON.parse(object) as WireFrame;
      if (file && (data || event)) yield { file, offset, data: Buffer.from(data, 'base64'), ...(event && { event }) };
    }
  }
}

interface WireFrame {
  readonly File?: string;
  readonly Offset?: number;
  readonly Data?: string;
  readonly FileEvent?: string;
}

function nextObject(text: string): string | undefined {
  OBJECT.lastIndex = 0;
  return OBJECT.exec(text)?.[0];
}
