/** HAProxy as managed here, beside HAProxy alone in the same run. */
import { atLeast, type Figure, type Suite } from '../figure.ts';
import { benchHaproxy } from '../haproxy.ts';
import { median } from '../samples.ts';

export const haproxy: Suite = {
  name: 'haproxy',
  about: 'Small keep-alive requests to one instance through HAProxy as managed here, and through one written by hand.',
  async run(): Promise<Figure[]> {
    const runs = await benchHaproxy();
    const middle = (pick: (run: (typeof runs)[number]) => number) => median(runs.map(pick));
    return [
      {
        name: 'requests per second, as a part of HAProxy alone with the same promises',
        unit: '',
        measured: middle(({ managed, alone }) => managed.requestsPerSecond / alone.requestsPerSecond),
        budget: atLeast(0.97),
        peer: `HAProxy alone ${Math.round(middle(({ alone }) => alone.requestsPerSecond))}/s`,
      },
      {
        name: 'requests per second of processor time, as a part of HAProxy alone with the same promises',
        unit: '',
        measured: middle(({ managed, alone }) => managed.requestsPerCoreSecond / alone.requestsPerCoreSecond),
      },
      {
        name: 'requests per second, as a part of HAProxy alone that sends nothing again',
        unit: '',
        measured: middle(({ managed, plain }) => managed.requestsPerSecond / plain.requestsPerSecond),
        peer: `HAProxy alone ${Math.round(middle(({ plain }) => plain.requestsPerSecond))}/s`,
      },
      {
        name: 'requests per second of processor time, as a part of HAProxy alone that sends nothing again',
        unit: '',
        measured: middle(({ managed, plain }) => managed.requestsPerCoreSecond / plain.requestsPerCoreSecond),
      },
      { name: 'latency, p99', unit: 'ms', measured: middle(({ managed }) => managed.latencyP99Ms) },
      {
        name: 'failed requests, all runs',
        unit: 'requests',
        measured: runs.reduce((sum, run) => sum + run.managed.failed, 0),
      },
    ];
  },
};
