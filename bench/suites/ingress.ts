/** The embedded data plane alone. */
import { fileURLToPath } from 'node:url';
import { atLeast, type Figure, type Suite } from '../figure.ts';
import { benchIngress, INGRESS_REQUESTS_PER_CORE_BUDGET } from '../ingress.ts';
import { median, repeat } from '../samples.ts';

const RUNS = 3;
/** Beside the bundle that this is in. */
const INGRESS = fileURLToPath(new URL('./ingress.js', import.meta.url));

export const ingress: Suite = {
  name: 'ingress',
  about: 'Small keep-alive requests through a real ingress process to one instance, over 32 connections.',
  async run(): Promise<Figure[]> {
    const runs = await repeat(RUNS, () => benchIngress({ program: INGRESS }));
    const middle = (pick: (run: (typeof runs)[number]) => number) => median(runs.map(pick));
    return [
      {
        name: 'requests per second of processor time of the ingress',
        unit: '/s',
        measured: middle((run) => run.requestsPerCoreSecond),
        budget: atLeast(INGRESS_REQUESTS_PER_CORE_BUDGET),
        peer: 'HAProxy alone on two cores 37,000/s',
      },
      {
        name: 'requests per second, load and instance on the same machine',
        unit: '/s',
        measured: middle((run) => run.requestsPerSecond),
      },
      { name: 'latency, p99', unit: 'ms', measured: middle((run) => run.latencyP99Ms) },
      { name: 'failed requests, all runs', unit: 'requests', measured: runs.reduce((sum, run) => sum + run.failed, 0) },
    ];
  },
};
