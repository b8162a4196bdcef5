/** Lines at the end of a terminal that are drawn over again. */
import type { Terminal } from './command.ts';

export interface LiveBlock {
  draw(lines: readonly string[]): void;
  /** These stay: whole, since nothing draws over them any more. */
  end(lines: readonly string[]): void;
}

export function createLiveBlock(terminal: Pick<Terminal, 'write' | 'columns' | 'rows'>): LiveBlock {
  let height = 0;
  let last = '';
  const erase = () => (height > 0 ? `\x1b[${height}A\x1b[0J` : '');
  return {
    draw(lines) {
      const shown = fitting(lines, terminal.rows);
      const text = shown.map((line) => truncate(line, terminal.columns)).join('\n');
      if (text === last) return;
      terminal.write(`${erase()}${text}\n`);
      height = shown.length;
      last = text;
    },
    end(lines) {
      terminal.write(`${erase()}${lines.join('\n')}\n`);
      height = 0;
      last = '';
    },
  };
}

/** What has scrolled off the screen could not be drawn over again. */
function fitting(lines: readonly string[], rows = Number.POSITIVE_INFINITY): readonly string[] {
  const most = Math.max(1, rows - 1);
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), '…'];
}

/** A line that wraps would make the block higher than it knows. Colours take no room. */
function truncate(line: string, columns: number): string {
  let room = columns - 1;
  return line.replaceAll(/\x1b\[[0-9;]*m|[\s\S]/gu, (piece) => {
    if (piece.length > 1 && piece.startsWith('\x1b')) return piece;
    return room-- > 0 ? piece : '';
  });
}
