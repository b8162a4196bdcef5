/** What constraints can ask of a node: its attributes and its metadata, searched by name and value. */
import { getRouteApi } from '@tanstack/react-router';
import { useId } from 'react';
import type { NodeView } from '../../src/api/views.ts';
import { Panel } from '../kit/panel.tsx';
import { type Column, Table } from '../kit/table.tsx';

const route = getRouteApi('/nodes/$nodeId');

interface Attribute {
  /** As a constraint names it. */
  readonly name: string;
  readonly value: string;
}

export function AttributesPanel({ node }: { readonly node: NodeView }) {
  const id = useId();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const text = search.attribute ?? '';
  const all = attributesOf(node);
  const rows = all.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(text.toLowerCase()));
  return (
    <Panel title="Attributes" aside={<span className="soft">as constraints name them</span>}>
      <div className="stack attributes">
        <search>
          <label htmlFor={id} className="visually-hidden">
            Search attributes
          </label>
          <input
            id={id}
            type="search"
            className="field"
            placeholder="Search attributes"
            value={text}
            onChange={({ target }) =>
              void navigate({ search: { ...search, attribute: target.value || undefined }, replace: true })
            }
          />
        </search>
        {rows.length === 0 ? (
          <p className="soft">No attribute has that in its name or value.</p>
        ) : (
          <Table caption="Attributes" columns={COLUMNS} rows={rows} rowKey={({ name }) => name} />
        )}
      </div>
    </Panel>
  );
}

function attributesOf({ Attributes, Meta }: NodeView): readonly Attribute[] {
  const named = (prefix: string, values: Readonly<Record<string, string>> | null): readonly Attribute[] =>
    Object.entries(values ?? {})
      .map(([name, value]) => ({ name: `${prefix}.${name}`, value }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...named('meta', Meta), ...named('attr', Attributes)];
}

const COLUMNS: readonly Column<Attribute>[] = [
  { id: 'name', title: 'Name', cell: ({ name }) => <span className="mono">{name}</span> },
  { id: 'value', title: 'Value', cell: ({ value }) => <span className="mono">{value}</span> },
];
