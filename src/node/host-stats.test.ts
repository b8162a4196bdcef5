import { expect, it } from 'vitest';
import { VirtualClock } from '../lib/virtual-clock.ts';
import { HostMeter, type HostReadings, memoryStats, systemReadings } from './host-stats.ts';

const times = (user: number, sys: number, idle: number) => ({ user, nice: 0, sys, idle, irq: 0 });

function meterOf(looks: ReturnType<typeof times>[][]) {
  const clock = new VirtualClock();
  const readings: HostReadings = {
    cores: () => looks.shift() ?? [],
    memory: () => ({ Available: 3, Free: 1, Total: 4, Used: 1 }),
    uptimeS: () => 99.9,
    disks: () => ({ AllocDirStats: null, DiskStats: [] }),
  };
  return { clock, meter: new HostMeter(clock, readings) };
}

it('shares the time since the last look between idle, user and system', async () => {
  const { clock, meter } = meterOf([
    [times(100, 50, 1_000), times(0, 0, 0)],
    [times(400, 150, 1_600), times(0, 0, 1_000)],
  ]);
  await clock.advance(1_000);
  const stats = meter.measure('/', 2_000);
  expect(stats.CPU).toEqual([
    { CPU: 'cpu0', Idle: 60, System: 10, Total: 40, User: 30 },
    { CPU: 'cpu1', Idle: 100, System: 0, Total: 0, User: 0 },
  ]);
  expect(stats).toMatchObject({ CPUTicksConsumed: 800, Uptime: 99 });
});

it('says the last figures again when it is asked twice in a moment', async () => {
  const { clock, meter } = meterOf([[times(0, 0, 0)], [times(50, 0, 50)]]);
  await clock.advance(1_000);
  const first = meter.measure('/', 1_000).CPU;
  await clock.advance(100);
  expect(meter.measure('/', 1_000).CPU).toEqual(first);
});

it('says nothing of cores where the system does not tell, and nothing strange when a counter goes back', async () => {
  const none = meterOf([[], []]);
  await none.clock.advance(1_000);
  expect(none.meter.measure('/', 1_000)).toMatchObject({ CPU: [], CPUTicksConsumed: 0 });
  const back = meterOf([[times(100, 100, 100)], [times(50, 50, 50)]]);
  await back.clock.advance(1_000);
  expect(back.meter.measure('/', 1_000).CPU).toEqual([{ CPU: 'cpu0', Idle: 0, System: 0, Total: 0, User: 0 }]);
});

it('reads what memory the kernel would give, and goes on without it', () => {
  expect(memoryStats('MemTotal: 8 kB\nMemFree:     2 kB\nMemAvailable:  6 kB\n')).toEqual({
    Available: 6_144,
    Free: 2_048,
    Total: 8_192,
    Used: 2_048,
  });
  const unread = memoryStats('');
  expect(unread.Total).toBeGreaterThan(0);
  expect(unread.Used).toBe(unread.Total - unread.Free);
});

it('finds the disk of a folder of this machine', () => {
  const { AllocDirStats, DiskStats } = systemReadings.disks(process.cwd());
  expect(AllocDirStats?.Size).toBeGreaterThan(0);
  expect(DiskStats.map(({ Device }) => Device)).toContain(AllocDirStats?.Device);
  expect(systemReadings.disks('/does/not/exist').AllocDirStats).toBeNull();
});
