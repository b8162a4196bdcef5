import { describe, expect, it } from 'vitest';
import { initialCheckState } from './check-state.ts';
import { healthFacts } from './health-facts.ts';
import { checkKey } from './service-status.ts';
import { sampleCheck, sampleGroup, sampleIngress, sampleService, sampleUpdate } from './testing/samples.ts';

/** A service behind an ingress with two checks, of which the second is still to pass. */
function facts(OnUpdate: string) {
  const checks = [sampleCheck({ Name: 'alive' }), sampleCheck({ Name: 'warm', OnUpdate })];
  const service = sampleService({ Checks: checks, Ingress: [sampleIngress] });
  const states = checks.map((check, at) => {
    const initial = initialCheckState({ ...check, InitialStatus: check.Name === 'alive' ? 'passing' : '' }, 5);
    return [checkKey(service, check, at), initial] as const;
  });
  return healthFacts({
    nowMs: 10,
    deadlineMs: 100,
    group: sampleGroup({ Services: [service] }),
    update: sampleUpdate,
    states: {},
    checks: new Map(states),
    traffic: { Ready: false, Applied: true, Drained: true, Owing: ['lb'], ChangedMs: 0 },
    trafficReadySinceMs: undefined,
  });
}

describe('what a deployment waits for', () => {
  it('is every check, and the ingress', () => {
    expect(facts('require_healthy')).toMatchObject({
      checks: [
        { name: 'alive', passingSinceMs: 5 },
        { name: 'warm', passingSinceMs: undefined },
      ],
      trafficReadySinceMs: undefined,
    });
  });

  it('is neither a check that says on_update = "ignore", nor the requests that this one keeps away', () => {
    expect(facts('ignore')).toMatchObject({ checks: [{ name: 'alive' }], trafficReadySinceMs: null });
  });
});
