/** What happened to a node, in words: its ten newest events, and those that a registration brings. Pure. */
import { timestampOf } from '../model/nanos.ts';
import type { DriverInfo, Node, NodeEvent } from '../model/node.ts';

const MAX_EVENTS = 10;

export type Subsystem = 'Cluster' | 'Drain' | 'Driver' | 'Host';

/** The ten newest events of a node. */
export const withEvent = (
  node: Node,
  message: string,
  nowMs: number,
  subsystem: Subsystem = 'Cluster',
  details: NodeEvent['Details'] = null,
): NodeEvent[] =>
  [
    ...(node.Events ?? []),
    { Message: message, Subsystem: subsystem, Details: details, Timestamp: timestampOf(nowMs), CreateIndex: 0 },
  ].slice(-MAX_EVENTS);

interface News {
  readonly message: string;
  readonly subsystem: Subsystem;
  readonly details?: Record<string, string>;
}

/** The events of a node that registers: that it did, or what is new about one that was there all along. */
export function registrationEvents(before: Node | undefined, now: Node, nowMs: number): NodeEvent[] {
  let row: Node = { ...now, Events: before?.Events ?? null };
  for (const { message, subsystem, details } of newsOf(before, now)) {
    row = { ...row, Events: withEvent(row, message, nowMs, subsystem, details ?? null) };
  }
  return row.Events ?? [];
}

function newsOf(before: Node | undefined, now: Node): News[] {
  if (before === undefined) return [{ message: 'Node registered', subsystem: 'Cluster' }];
  const news = [...driverNews(before, now), ...hostNews(before, now)];
  const wasThere = before.Status === 'ready' && news.length > 0;
  return wasThere ? news : [{ message: 'Node re-registered', subsystem: 'Cluster' }, ...news];
}

/** A driver that came, went, or changed its health; its words are its own. */
function driverNews(before: Node, now: Node): News[] {
  const names = [...new Set([...Object.keys(before.Drivers ?? {}), ...Object.keys(now.Drivers ?? {})])].sort();
  return names.flatMap((driver) => {
    const message = driverWords(driver, before.Drivers?.[driver], now.Drivers?.[driver]);
    return message === undefined ? [] : [{ message, subsystem: 'Driver' as const, details: { driver } }];
  });
}

function driverWords(name: string, before: DriverInfo | undefined, now: DriverInfo | undefined): string | undefined {
  if (before?.Detected === now?.Detected && before?.Healthy === now?.Healthy) return undefined;
  if (now === undefined || !now.Detected)
    return before?.Detected ? withReason(`Driver ${name} is not detected`, now) : undefined;
  if (!now.Healthy) return withReason(`Driver ${name} is unhealthy`, now);
  return before?.Detected ? `Driver ${name} is healthy again` : `Driver ${name} is detected and healthy`;
}

const withReason = (sentence: string, info: DriverInfo | undefined): string =>
  info?.HealthDescription ? `${sentence}: ${info.HealthDescription}` : sentence;

/** The room that its tasks have. Free space is told of only as it is reported: a tenth at a time. */
function hostNews({ NodeResources: before }: Node, { NodeResources: now }: Node): News[] {
  const figures: readonly (readonly [what: string, before: number, now: number, unit: string])[] = [
    ['CPU', before.Cpu.CpuShares, now.Cpu.CpuShares, 'MHz'],
    ['Memory', before.Memory.MemoryMB, now.Memory.MemoryMB, 'MB'],
    ['Free disk space', before.Disk.DiskMB, now.Disk.DiskMB, 'MB'],
  ];
  return figures.flatMap(([what, old, current, unit]) =>
    isOther(old, current)
      ? [{ message: `${what} changed from ${old} to ${current} ${unit}`, subsystem: 'Host' as const }]
      : [],
  );
}

/** Less than a tenth is what any machine does by itself. */
const isOther = (before: number, now: number): boolean => Math.abs(now - before) > before / 10;
