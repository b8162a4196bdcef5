/** Lines at the end of a terminal that are drawn over again. */
import type { Terminal } from './command.ts';

export interface LiveBlock {
  draw(lines: readonly string[]): void;
  /** What was drawn last stays. */
  end(): void;
}

export function createLiveBlock(terminal: Pick<Terminal, 'write' | 'columns'>): LiveBlock {
  let height = 0;
  let last = '';
  return {
    draw(lines) {
      const text = lines.map((line) => truncate(line, terminal.columns)).join('\n');
      if (text === last) return;
      terminal.write(`${height > 0 ? `\x1b[${height}A\x1b[0J` : ''}${text}\n`);
      height = lines.length;
      last = text;
    },
    end() {
      height = 0;
      last = '';
    },
  };
}

/** A line that wraps would make the block higher than it knows. Colours take no room. */
function truncate(line: string, columns: number): string {
  let room = columns - 1;
  return line.replaceAll(/\x1b\[[0-9;]*m|[\s\S]/gu, (piece) => {
    if (piece.length > 1 && piece.startsWith('\x1b')) return piece;
    return room-- > 0 ? piece : '';
  });
}
