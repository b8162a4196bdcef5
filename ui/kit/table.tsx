/**
 * A table of any length: beyond a hundred rows only those on screen exist, and the rest is room above and below them.
 * Sorted by a column's own key; which one is the caller's to keep (the address bar holds it).
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { sortRows } from './sorted.ts';

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** Absent: cannot be sorted by. */
  readonly sortBy?: (row: Row) => string | number;
  readonly align?: 'right';
}

/** "name", or "-name" from the end. */
export type Sort = string;

export interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly sort?: Sort | undefined;
  readonly onSort?: (sort: Sort) => void;
}

const WHOLE_UP_TO = 100;
const ROW_PX = 37;

export function Table<Row>({ caption, columns, rows, rowKey, sort, onSort }: TableProps<Row>) {
  const frame = useRef<HTMLElement>(null);
  const sorted = useSorted({ columns, rows, rowKey, sort });
  const isWhole = sorted.length <= WHOLE_UP_TO;
  const virtual = useVirtualizer({
    count: sorted.length,
    enabled: !isWhole,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const isCut = useIsCut(frame);
  const shown = virtual.getVirtualItems();
  const above = isWhole ? 0 : (shown[0]?.start ?? 0);
  const below = isWhole ? 0 : virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  const visible = isWhole
    ? sorted.map((row, at) => ({ row, at }))
    : shown.map(({ index: at }) => ({ row: sorted[at]!, at }));
  return (
    // A part that scrolls can be reached by keyboard.
    <section
      ref={frame}
      className="table-frame"
      tabIndex={isWhole && !isCut ? undefined : 0}
      aria-label={caption}
      style={isWhole ? undefined : { maxHeight: '70vh' }}
    >
      <table className="table" aria-rowcount={sorted.length + 1}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Heading key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Room height={above} columns={columns.length} />
          {visible.map(({ row, at }) => (
            <tr key={rowKey(row)} aria-rowindex={at + 2}>
              {columns.map(({ id, cell, align }) => (
                <td key={id} data-align={align}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
          <Room height={below} columns={columns.length} />
        </tbody>
      </table>
    </section>
  );
}

/** Whether the frame is narrower than its table. */
function useIsCut(frame: RefObject<HTMLElement | null>): boolean {
  const [isCut, setCut] = useState(false);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setCut(element.scrollWidth > element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return isCut;
}

function Room({ height, columns }: { readonly height: number; readonly columns: number }) {
  return height <= 0 ? null : (
    <tr>
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

interface HeadingProps<Row> {
  readonly column: Column<Row>;
  readonly sort: Sort | undefined;
  readonly onSort: ((sort: Sort) => void) | undefined;
}

function Heading<Row>({ column: { id, title, sortBy, align }, sort, onSort }: HeadingProps<Row>) {
  const direction = sort === id ? 'ascending' : sort === `-${id}` ? 'descending' : undefined;
  const arrow = direction === 'ascending' ? ' ↑' : direction === 'descending' ? ' ↓' : '';
  return (
    <th scope="col" data-align={align} aria-sort={direction}>
      {sortBy && onSort ? (
        <button type="button" onClick={() => onSort(direction === 'ascending' ? `-${id}` : id)}>
          {title}
          <span aria-hidden="true">{arrow}</span>
        </button>
      ) : (
        title
      )}
    </th>
  );
}

/** Sorted from the order that was on screen last. */
function useSorted<Row>({
  columns,
  rows,
  rowKey,
  sort,
}: Pick<TableProps<Row>, 'columns' | 'rows' | 'rowKey' | 'sort'>): readonly Row[] {
  const before = useRef<readonly Row[]>([]);
  return useMemo(() => {
    const key = columns.find(({ id }) => id === sort?.replace(/^-/, ''))?.sortBy;
    const by = key && { key, isDescending: sort?.startsWith('-') === true, rowKey };
    before.current = by ? sortRows(rows, by, before.current) : rows;
    return before.current;
  }, [rows, columns, sort, rowKey]);
}
