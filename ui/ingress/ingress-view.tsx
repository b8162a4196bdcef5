/** The ways in, and who serves them. */
import { useQuery } from '@tanstack/react-query';
import type { FrontendStanding } from '../../src/model/ingress-status.ts';
import { queries } from '../client/queries.ts';
import { Asked } from '../kit/asked.tsx';
import { Empty } from '../kit/note.tsx';
import { PageHead } from '../kit/page-head.tsx';
import { type Column, Table } from '../kit/table.tsx';

export const IngressView = () => (
  <>
    <PageHead title="Ingress" />
    <Asked query={useQuery(queries.ingress())}>
      {({ Frontends }) =>
        Frontends.length === 0 ? (
          <Empty>
            No way in yet: a service with an <code>ingress</code> block opens one.
          </Empty>
        ) : (
          <Table caption="Ways in" columns={COLUMNS} rows={Frontends} rowKey={keyOf} />
        )
      }
    </Asked>
  </>
);

const keyOf = ({ Listen, Host, Path, Backend }: FrontendStanding): string => `${Listen} ${Host} ${Path} ${Backend}`;

const COLUMNS: readonly Column<FrontendStanding>[] = [
  { id: 'listen', title: 'Port', align: 'right', cell: ({ Listen }) => Listen },
  { id: 'host', title: 'Host', cell: ({ Host }) => Host || 'any' },
  { id: 'path', title: 'Path', cell: ({ Path }) => Path || '/' },
  { id: 'backend', title: 'Service', cell: ({ Backend }) => Backend },
];
