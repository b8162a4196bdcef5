import { Badge } from '../kit/badge.tsx';
import { type NodeFacts, nodeState } from './node-state.ts';

export function NodeBadge({ node }: { readonly node: NodeFacts }) {
  const { word, tone, about } = nodeState(node);
  return (
    <span title={about}>
      <Badge tone={tone}>{word}</Badge>
    </span>
  );
}
