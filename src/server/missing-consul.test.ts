import { describe, expect, it } from 'vitest';
import { addImpliedConstraints } from '../model/implied-constraints.ts';
import type { Job } from '../model/job.ts';
import { newGroup, newJob } from '../scheduler/fixtures.ts';
import { missingConsul } from './missing-consul.ts';

const jobWith = (Provider: string | undefined): Job => {
  const service = { Name: 'web', ...(Provider !== undefined && { Provider }) };
  return newJob({ TaskGroups: [newGroup({ Name: 'app', Services: [service] } as never)] });
};
const plain = { Attributes: { 'kernel.name': 'linux' } };
const withConsul = { Attributes: { 'consul.version': '1.8.7' } };

describe('a job that asks for Consul', () => {
  it('hears what is missing where no node has one', () => {
    expect(missingConsul(jobWith('consul'), [plain])).toEqual([
      'group "app": a service asks for provider = "consul", and no node has a Consul that answers: set consul { address } in the configuration of the agents that run tasks, or leave provider out to use what is built in',
    ]);
  });

  it.each([
    ['where a node has one', 'consul', [plain, withConsul]],
    ['that names no provider', undefined, [plain]],
    ['that names ours', 'serin', [plain]],
    ['that names it as others do', 'nomad', [plain]],
  ] as const)('hears nothing: %s', (_name, provider, nodes) => {
    expect(missingConsul(jobWith(provider), nodes)).toEqual([]);
  });

  it.each([
    ['consul', 1],
    ['serin', 0],
    [undefined, 0],
  ])('is placed on nodes with one alone: provider %s', (provider, constraints) => {
    const group = addImpliedConstraints({ ...jobWith(provider).TaskGroups[0]!, Constraints: null });
    const found = (group.Constraints ?? []).filter(({ LTarget }) => LTarget === '${attr.consul.version}');
    expect(found).toEqual(
      constraints === 1 ? [expect.objectContaining({ RTarget: '>= 1.7.0', Operand: 'semver' })] : [],
    );
  });
});
