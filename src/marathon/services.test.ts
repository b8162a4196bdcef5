/** Health checks of an app as the checks of its services. */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../model/nanos.ts';
import type { AppInput } from './app-schema.ts';
import { newApp } from './fixtures.ts';
import { servicesOf } from './services.ts';

type CheckInput = NonNullable<AppInput['healthChecks']>[number];

const checkOf = (check: CheckInput): object => {
  const [service] = servicesOf(newApp({ healthChecks: [check] }), 'web') as { Checks: object[] }[];
  return service!.Checks[0]!;
};

describe('a health check', () => {
  it.each<[string, CheckInput, number | undefined]>([
    ['that says nothing is made at once', { protocol: 'MESOS_TCP' }, undefined],
    ['with the delay that all have is made at once', { protocol: 'MESOS_TCP', delaySeconds: 15 }, undefined],
    ['without a delay is made at once', { protocol: 'MESOS_TCP', delaySeconds: 0 }, undefined],
    ['with a delay waits for it', { protocol: 'MESOS_HTTP', delaySeconds: 3 }, 3 * SECOND],
    ['made by Marathon itself has none', { protocol: 'HTTP', delaySeconds: 3 }, undefined],
  ])('%s', (_, check, expected) => {
    expect(checkOf(check)).toHaveProperty('Interval');
    expect((checkOf(check) as { InitialDelay?: number }).InitialDelay).toBe(expected);
  });

  it('ignores answers of 1xx where it is asked to', () => {
    expect(checkOf({ protocol: 'HTTP', ignoreHttp1xx: true })).toMatchObject({ Ignore1xx: true });
    expect(checkOf({ protocol: 'HTTP' })).not.toHaveProperty('Ignore1xx');
    expect(checkOf({ protocol: 'TCP', ignoreHttp1xx: true })).not.toHaveProperty('Ignore1xx');
  });
});
