/** The ways in, and who serves them, live. */
import { getRouteApi } from '@tanstack/react-router';
import type { IngressStatus } from '../../src/model/ingress-status.ts';
import { Asked } from '../kit/asked.tsx';
import { ListFilter } from '../kit/list-filter.tsx';
import { Empty } from '../kit/note.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { counted } from '../kit/words.ts';
import { IngressesPanel } from './ingresses-panel.tsx';
import { ServicePanel } from './service-panel.tsx';
import type { Rates } from './service-rates.ts';
import { useLiveIngress } from './use-live-ingress.ts';
import { WaysTable } from './ways-table.tsx';

const route = getRouteApi('/ingress');

export function IngressView() {
  const { query, rates } = useLiveIngress();
  return (
    <>
      <PageHead
        title="Ingress"
        about={query.data && <span className="soft">{counted(query.data.Backends.length, 'service')}</span>}
      />
      <Asked query={query}>{(status) => <Ways status={status} rates={rates} />}</Asked>
    </>
  );
}

function Ways({ status, rates }: { readonly status: IngressStatus; readonly rates: Rates }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const chosen = status.Backends.find(({ ID }) => ID === search.service) ?? status.Backends[0];
  return (
    <div className="stack">
      {status.Frontends.length === 0 ? (
        <Empty>
          No way in yet: a service with an <code>ingress</code> block opens one.
        </Empty>
      ) : (
        <>
          <ListFilter
            noun="ways in"
            search={search}
            onChange={({ q }) => void navigate({ search: { ...search, q }, replace: true })}
          />
          <WaysTable
            status={status}
            rates={rates}
            text={search.q ?? ''}
            sort={search.sort}
            onSort={(sort) => void navigate({ search: { ...search, sort }, replace: true })}
          />
        </>
      )}
      {chosen && <ServicePanel key={chosen.ID} backend={chosen} beat={rates.get(chosen.ID)} />}
      <IngressesPanel ingresses={status.Ingresses} />
    </div>
  );
}
