/** The lines themselves. A full block is drawn once; those off screen cost the browser nothing. */
import { memo } from 'react';
import { BLOCK_LINES, type LineBuffer } from './line-buffer.ts';
import { holds, linePieces } from './line-pieces.ts';

export interface OutputLinesProps {
  readonly buffer: LineBuffer;
  readonly query: string;
  /** Lines that do not hold the query are left out. */
  readonly only: boolean;
}

export const OutputLines = ({ buffer: { blocks, open }, query, only }: OutputLinesProps) => (
  <pre className="output-lines">
    {blocks.map(({ firstLine, lines }) => (
      <Block key={firstLine} lines={lines} query={query} only={only} isFull={lines.length === BLOCK_LINES} />
    ))}
    {open !== '' && <Line line={open} query={query} only={only} />}
  </pre>
);

interface BlockProps extends Omit<OutputLinesProps, 'buffer'> {
  readonly lines: readonly string[];
  readonly isFull: boolean;
}

const Block = memo(({ lines, query, only, isFull }: BlockProps) => (
  <div className={isFull && !only ? 'output-block' : undefined}>
    {lines.map((line, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: lines of a block never move.
      <Line key={at} line={line} query={query} only={only} />
    ))}
  </div>
));

interface LineProps extends Omit<OutputLinesProps, 'buffer'> {
  readonly line: string;
}

const Line = memo(({ line, query, only }: LineProps) => {
  const isMatch = query !== '' && holds(line, query);
  if (only && !isMatch) return null;
  return (
    <div className="output-line" data-match={isMatch || undefined}>
      {linePieces(line, query).map(({ text, colour, isBold, isMatch: isMarked }, at) => {
        const style = { 'data-colour': colour, 'data-bold': isBold };
        const Piece = isMarked ? 'mark' : 'span';
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line never move.
          <Piece key={at} {...style}>
            {text}
          </Piece>
        );
      })}
      {'\n'}
    </div>
  );
});
