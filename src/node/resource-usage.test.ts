import { expect, it } from 'vitest';
import { UsageMeter } from './resource-usage.ts';

const at = (timestampMs: number, cpuMs: number) => ({ web: { timestampMs, cpuMs, rssBytes: 20e6, pids: [7] } });

it('processor time is a share of the time since the last look, in percent of a core and in MHz', () => {
  const meter = new UsageMeter();
  expect(meter.measure(at(1000, 500), 2600).Tasks.web?.ResourceUsage.CpuStats).toMatchObject({ Percent: 0 });
  const usage = meter.measure(at(3000, 1000), 2600);
  expect(usage.Tasks.web?.ResourceUsage.CpuStats).toMatchObject({ Percent: 25, TotalTicks: 650 });
  expect(usage.ResourceUsage.MemoryStats.RSS).toBe(20e6);
  expect(usage.Timestamp).toBe(3_000_000_000);
});

it('a look is taken twice where there was none before, or none in the last minute', () => {
  const meter = new UsageMeter();
  expect(meter.isOld(at(1000, 500))).toBe(true);
  meter.measure(at(1000, 500), 2600);
  expect(meter.isOld(at(61_000, 500))).toBe(false);
  expect(meter.isOld(at(61_001, 500))).toBe(true);
  expect(meter.isOld({})).toBe(false);
});

it('figures that nobody measures are there for clients that look for them', () => {
  const { CpuStats, MemoryStats, DeviceStats } = new UsageMeter().measure(at(0, 0), 1).ResourceUsage;
  expect([CpuStats.ThrottledPeriods, MemoryStats.Swap, DeviceStats]).toEqual([0, 0, []]);
  expect([...CpuStats.Measured, ...MemoryStats.Measured]).toEqual(['Percent', 'Total Ticks', 'RSS']);
});

it('a task that was restarted does not use less than nothing', () => {
  const meter = new UsageMeter();
  meter.measure(at(1000, 500), 2600);
  expect(meter.measure(at(2000, 10), 2600).ResourceUsage.CpuStats.Percent).toBe(0);
});

it('an allocation without measured tasks uses nothing', () => {
  expect(new UsageMeter().measure({}, 2600)).toMatchObject({ Tasks: {}, Timestamp: 0 });
});
