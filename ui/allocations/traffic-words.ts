/** What the ingresses have acknowledged about an instance, in a sentence: pure. */
import type { AllocTraffic } from '../../src/model/allocation.ts';

/** First match. `Ready` and the other two exclude each other: an instance that gets requests is neither applied nor drained. */
const RULES: readonly (readonly [(traffic: AllocTraffic) => boolean, string])[] = [
  [({ Drained }) => Drained, 'No ingress sends it requests, and none has one in flight.'],
  [({ Applied }) => Applied, 'No ingress sends it new requests; some still have requests in flight.'],
  [({ Ready }) => Ready, 'Every ingress has it in its table and finds it healthy: it gets requests.'],
  [() => true, 'Not every ingress has it in its table and finds it healthy.'],
];

export function trafficWords(traffic: AllocTraffic): string {
  const words = RULES.find(([isSo]) => isSo(traffic))?.[1] ?? '';
  return traffic.Owing.length === 0 ? words : `${words} Still to answer: ${traffic.Owing.join(', ')}.`;
}
