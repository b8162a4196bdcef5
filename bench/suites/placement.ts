/** The scheduler alone. */
import { atLeast, type Figure, type Suite } from '../figure.ts';
import { benchPlacement } from '../placement.ts';

const PEERS: Readonly<Record<string, string>> = {
  plain: 'Nomad 5,000 to 8,000/s',
  'dynamic port': 'Nomad 3,200 to 7,000/s',
  spread: 'Nomad 15/s',
};

export const placement: Suite = {
  name: 'placement',
  about:
    'One evaluation by the scheduler alone, on one core; the best of five runs. As in every plan, the first hundred instances are accounted for (docs/adr/0021); peers account for all.',
  run: async () =>
    benchPlacement().map(
      ({ name, nodes, count, perSecond, budget }): Figure => ({
        name: `${nodes.toLocaleString('en-US')} nodes, count ${count.toLocaleString('en-US')}, ${name}`,
        unit: '/s',
        measured: perSecond,
        ...(budget !== undefined && { budget: atLeast(budget), peer: PEERS[name] ?? '' }),
      }),
    ),
};
