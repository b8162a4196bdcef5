/** The files of an instance, as long as its node keeps them. The address says which folder or file is looked at. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { client } from '../client/client.ts';
import { keys } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { crumbsOf, tidyPath } from './file-path.ts';
import { FileText } from './file-text.tsx';
import { FolderList } from './folder-list.tsx';
import { useAllocation } from './use-allocation.ts';

const route = getRouteApi('/allocations/$allocId/files');

export function FilesView() {
  const alloc = useAllocation();
  const search = route.useSearch();
  const path = tidyPath(search.path);
  return (
    <div className="stack">
      <Crumbs allocId={alloc.ID} path={path} />
      <Asked query={useQuery(fileQuery(alloc.ID, path))} missing={<Missing path={path} />}>
        {(file) =>
          file.IsDir ? (
            <FolderList key={path} allocId={alloc.ID} path={path} />
          ) : (
            <FileText key={path} allocId={alloc.ID} path={path} file={file} />
          )
        }
      </Asked>
    </div>
  );
}

const fileQuery = (allocId: string, path: string) =>
  queryOptions({
    queryKey: [...keys.allocation(allocId), 'file', path],
    queryFn: async () => (await client.files.stat(allocId, `/${path}`)).data,
  });

const Missing = ({ path }: { readonly path: string }) =>
  path === '' ? 'Its node keeps nothing of it any more.' : `There is no "${path}" in this allocation (any more).`;

const Crumbs = ({ allocId, path }: { readonly allocId: string; readonly path: string }) => (
  <nav aria-label="Folders">
    <ol className="files-crumbs mono">
      {crumbsOf(path).map((crumb) => (
        <li key={crumb.path}>
          <Link
            to="/allocations/$allocId/files"
            params={{ allocId }}
            search={{ path: crumb.path || undefined }}
            activeProps={{}}
            aria-current={crumb.path === path ? 'location' : undefined}
          >
            {crumb.name}
          </Link>
        </li>
      ))}
    </ol>
  </nav>
);
