import { describe, expect, it } from 'vitest';
import type { DriverInfo } from '../../src/model/node.ts';
import type { AllocRow } from '../live/alloc-row.ts';
import { cpuText, roomOf, shareOf, sizeText } from '../live/amounts.ts';
import { driverRows, driverWords } from './drivers.ts';
import { nodeLoads } from './node-loads.ts';
import { type NodeFacts, nodeState } from './node-state.ts';

const driver = (fields: Partial<DriverInfo>): DriverInfo => ({
  Attributes: null,
  Detected: true,
  Healthy: true,
  HealthDescription: 'Healthy',
  UpdateTime: '',
  ...fields,
});

const DRIVERS = {
  raw_exec: driver({}),
  docker: driver({ Healthy: false, HealthDescription: 'the engine does not answer' }),
  exec: driver({ Healthy: false, Detected: false, HealthDescription: 'there is no runc' }),
};

describe('the drivers of a node', () => {
  it('come with what needs a look first, with their version and why one cannot be used', () => {
    expect(driverRows(DRIVERS, { 'driver.docker.version': '27.1' })).toEqual([
      { name: 'docker', word: 'unhealthy', tone: 'bad', version: '27.1', about: 'the engine does not answer' },
      { name: 'raw_exec', word: 'healthy', tone: 'good', version: '', about: '' },
      { name: 'exec', word: 'not there', tone: 'quiet', version: '', about: 'there is no runc' },
    ]);
  });

  it('are named in a list, the broken ones as such', () => {
    expect(driverWords(DRIVERS)).toBe('raw_exec; docker is unhealthy');
    expect(driverWords(null)).toBe('none');
  });
});

describe('the state of a node', () => {
  const ready: NodeFacts = { Status: 'ready', Drain: false, SchedulingEligibility: 'eligible' };
  it.each([
    [ready, 'ready'],
    [{ ...ready, SchedulingEligibility: 'ineligible' }, 'ineligible'],
    [{ ...ready, SchedulingEligibility: 'ineligible', Drain: true }, 'draining'],
    [{ ...ready, Drain: true, Status: 'down' }, 'down'],
  ] as const)('%o is %s', (node, word) => {
    expect(nodeState(node as NodeFacts).word).toBe(word);
  });
});

describe('what is asked of nodes', () => {
  it('is the sum of what has not ended there', () => {
    const asked = { cpuMHz: 100, memoryMB: 64, diskMB: 300 };
    const on = (NodeID: string, ClientStatus: AllocRow['ClientStatus']) =>
      ({ NodeID, ClientStatus, asked }) as AllocRow;
    const loads = nodeLoads([on('a', 'running'), on('a', 'pending'), on('a', 'complete'), on('b', 'failed')]);
    expect(loads).toEqual(new Map([['a', { instances: 2, asked: { cpuMHz: 200, memoryMB: 128, diskMB: 600 } }]]));
  });

  it('is of the machine without what that keeps for itself', () => {
    const of = (cpu: number, memory: number, disk: number) =>
      ({ Cpu: { CpuShares: cpu }, Memory: { MemoryMB: memory }, Disk: { DiskMB: disk } }) as never;
    expect(roomOf({ NodeResources: of(4000, 8192, 1000), ReservedResources: of(500, 192, 0) })).toEqual({
      cpuMHz: 3500,
      memoryMB: 8000,
      diskMB: 1000,
    });
    expect(shareOf(5, 0)).toBe(0);
  });

  it.each([
    [cpuText(940), '940 MHz'],
    [cpuText(2600), '2.6 GHz'],
    [sizeText(64), '64 MB'],
    [sizeText(24_105), '23.5 GB'],
  ])('is said as %s', (text, words) => {
    expect(text).toBe(words);
  });
});
