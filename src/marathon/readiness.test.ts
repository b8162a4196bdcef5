/** Readiness checks: how they become a check of the job, what is refused of them, and what is answered of their results. */
import { expect, it } from 'vitest';
import type { Allocation, AllocCheckStatus } from '../model/allocation.ts';
import { jobOfApp } from './app-to-job.ts';
import { newApp } from './fixtures.ts';
import type { MarathonProblem } from './problems.ts';
import { readinessResults } from './readiness.ts';
import { validateApp } from './validate-app.ts';

const OPTIONS = { datacenters: ['*'], commandDriver: 'raw_exec' };
const PORTS = { portDefinitions: [{ port: 0, name: 'http-api' }] };
const withCheck = (fields: object = {}) => newApp({ ...PORTS, readinessChecks: [{ path: '/ready', ...fields }] });

const allocWith = (check: Partial<AllocCheckStatus>): Allocation => {
  const Checks = [
    { Check: 'web-0', Status: 'passing', Output: '', TimestampMs: 1 },
    { Check: 'readiness readinessCheck', Readiness: true, Status: 'critical', Output: '', TimestampMs: 1, ...check },
  ];
  return { ID: 'a1', Services: [{ Service: 'web', Checks }] } as unknown as Allocation;
};

it('one becomes a check of its port that ends when it passes, and holds a deployment up', () => {
  const job = jobOfApp(withCheck({ httpStatusCodesForReady: [200, 204], protocol: 'HTTPS' }), OPTIONS);
  expect(job).toMatchObject({
    TaskGroups: [
      {
        Update: { HealthCheck: 'checks' },
        Services: [
          {
            PortLabel: 'http-api',
            Checks: [
              {
                Name: 'readiness readinessCheck',
                Readiness: true,
                Path: '/ready',
                SuccessCodes: '200,204',
                Protocol: 'https',
              },
            ],
          },
        ],
      },
    ],
  });
});

it.each([
  [{ portName: 'other' }, '/readinessChecks(0)/portName', "No port definition reference for portName 'other'"],
  [{ httpStatusCodesForReady: [] }, '/readinessChecks(0)/httpStatusCodesForReady', 'must not be empty'],
  [
    { intervalSeconds: 2, timeoutSeconds: 5 },
    '/readinessChecks(0)/timeoutSeconds',
    'Timeout (5 seconds) must be less than the interval (2 seconds)',
  ],
])('%j is refused', (fields, path, error) => {
  const refused = (): unknown => {
    try {
      return validateApp(withCheck(fields), {});
    } catch (problem) {
      return (problem as MarathonProblem).problems;
    }
  };
  expect(refused()).toEqual([{ path, error }]);
});

it('its result is told once there is one, with the last response where that is to be kept', () => {
  const Response = { Status: 503, ContentType: 'text/plain', Body: 'warming up' };
  const result = { name: 'readinessCheck', taskId: 'web.a1', ready: false };
  expect(readinessResults(withCheck(), [allocWith({ Response })])).toEqual([result]);
  expect(readinessResults(withCheck({ preserveLastResponse: true }), [allocWith({ Response })])).toEqual([
    { ...result, lastResponse: { status: 503, contentType: 'text/plain', body: 'warming up' } },
  ]);
  expect(readinessResults(withCheck(), [allocWith({ Status: 'passing' })])).toEqual([{ ...result, ready: true }]);
  expect(readinessResults(withCheck(), [allocWith({ Status: 'pending' })])).toEqual([]);
  expect(readinessResults(newApp(PORTS), [allocWith({})])).toEqual([]);
});
