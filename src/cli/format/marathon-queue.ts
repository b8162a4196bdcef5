/** What waits to be launched, and what its resources found among the offers. */
import type { Document, MarathonQueueItem } from '../../api/marathon-views.ts';
import { pythonBoolean } from './marathon-app.ts';
import { marathonTable } from './marathon-table.ts';

const COLUMNS = [
  { name: 'ID', left: true },
  { name: 'SINCE' },
  { name: 'INSTANCES TO LAUNCH' },
  { name: 'WAITING' },
  { name: 'PROCESSED OFFERS' },
  { name: 'UNUSED OFFERS' },
  { name: 'LAST UNUSED OFFER' },
  { name: 'LAST USED OFFER' },
] as const;

/** "" where nothing waits. */
export function formatMarathonQueue(queue: readonly MarathonQueueItem[]): string {
  if (queue.length === 0) return '';
  const rows = queue.map(({ app, since, count, delay, processedOffersSummary: offers = {} }) => [
    app?.id ?? '---',
    since ?? '---',
    String(count),
    pythonBoolean(delay.overdue),
    textOf(offers['processedOffersCount']),
    textOf(offers['unusedOffersCount']),
    textOf(offers['lastUnusedOfferAt']),
    textOf(offers['lastUsedOfferAt']),
  ]);
  return marathonTable(COLUMNS, rows);
}

const textOf = (value: unknown): string => (value === undefined || value === null ? '---' : String(value));

const SUMMARY_COLUMNS = [
  { name: 'RESOURCE', left: true },
  { name: 'REQUESTED' },
  { name: 'MATCHED' },
  { name: 'PERCENTAGE' },
] as const;

const RESOURCES: readonly (readonly [name: string, reason: string, key: string])[] = [
  ['ROLE', 'UnfulfilledRole', 'acceptedResourceRoles'],
  ['CONSTRAINTS', 'UnfulfilledConstraint', 'constraints'],
  ['CPUS', 'InsufficientCpus', 'cpus'],
  ['MEM', 'InsufficientMemory', 'mem'],
  ['DISK', 'InsufficientDisk', 'disk'],
  ['PORTS', 'InsufficientPorts', 'ports'],
];

/** Offers that were enough, resource by resource; each is asked only of those that the one before it left. */
export function formatMarathonSummary({ app, processedOffersSummary: offers = {} }: MarathonQueueItem): string {
  const summary = offers['rejectSummaryLastOffers'] ?? offers['rejectSummaryLaunchAttempt'];
  const reasons = Array.isArray(summary) ? (summary as Document[]) : [];
  const rows = RESOURCES.map(([name, reason, key]) => {
    const found = reasons.find((each) => each['reason'] === reason);
    const processed = Number(found?.['processed'] ?? 0);
    const matched = processed - Number(found?.['declined'] ?? 0);
    return [name, requestedText(app?.[key]), `${matched} / ${processed}`, percentage(matched, processed)];
  });
  return marathonTable(SUMMARY_COLUMNS, rows, 'given');
}

const requestedText = (value: unknown): string => {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return '---';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

const percentage = (matched: number, processed: number): string =>
  processed === 0 ? '---' : `${((matched / processed) * 100).toFixed(2)}%`;
