/** What a folder holds: folders first. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { FileView } from '../../src/api/files.ts';
import { client } from '../client/client.ts';
import { keys } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Button } from '../kit/button.tsx';
import { Empty } from '../kit/note.tsx';
import { type Column, Table } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import { below, sizeWord } from './file-path.ts';

export interface FolderListProps {
  readonly allocId: string;
  readonly path: string;
}

export function FolderList({ allocId, path }: FolderListProps) {
  const [sort, setSort] = useState('name');
  const query = useQuery(folderQuery(allocId, path));
  return (
    <Asked query={query}>
      {(files) => (
        <>
          {files.length === 0 ? (
            <Empty>This folder is empty.</Empty>
          ) : (
            <Table
              caption={`Files in ${path || 'the allocation'}`}
              columns={columnsFor(allocId, path)}
              rows={files}
              rowKey={({ Name }) => Name}
              sort={sort}
              onSort={setSort}
            />
          )}
          <div>
            <Button onClick={() => void query.refetch()}>Read again</Button>
          </div>
        </>
      )}
    </Asked>
  );
}

const folderQuery = (allocId: string, path: string) =>
  queryOptions({
    queryKey: [...keys.allocation(allocId), 'folder', path],
    queryFn: async () => (await client.files.list(allocId, `/${path}`)).data,
    // Nobody says that a file has changed: each visit asks.
    staleTime: 0,
  });

const columnsFor = (allocId: string, path: string): readonly Column<FileView>[] => [
  {
    id: 'name',
    title: 'Name',
    sortBy: ({ Name, IsDir }) => `${IsDir ? 0 : 1}${Name}`,
    cell: ({ Name, IsDir }) => (
      <Link
        className="mono"
        to="/allocations/$allocId/files"
        params={{ allocId }}
        search={{ path: below(path, Name) }}
        activeProps={{}}
      >
        {Name}
        {IsDir && '/'}
      </Link>
    ),
  },
  {
    id: 'size',
    title: 'Size',
    align: 'right',
    sortBy: ({ Size, IsDir }) => (IsDir ? -1 : Size),
    cell: ({ Size, IsDir }) => (IsDir ? '' : sizeWord(Size)),
  },
  {
    id: 'changed',
    title: 'Changed',
    sortBy: ({ ModTime }) => Date.parse(ModTime),
    cell: ({ ModTime }) => <Ago ms={Date.parse(ModTime)} />,
  },
  { id: 'mode', title: 'Mode', cell: ({ FileMode }) => <span className="mono soft">{FileMode}</span> },
];
