/** What a planned update means for the requests of a group's services, in one sentence. */
import { formatDuration } from '../lib/duration.ts';
import { hasIngress, ingressServices } from '../model/ingress-services.ts';
import type { TaskGroup } from '../model/job.ts';
import type { ServiceIngress } from '../model/service.ts';
import { surgeOf } from '../model/surge.ts';
import type { GroupCourse } from './group-course.ts';

export function trafficSentence(course: GroupCourse): string[] {
  const { group, replaced, canaries } = course;
  if (!hasIngress(group) || replaced + canaries === 0) return [];
  const names = [...new Set(ingressServices(group).map((service) => `"${service.Name}"`))].join(', ');
  return [`Traffic: ${names}: ${canaries > 0 ? canaryWords(course) : rollingWords(course)}.`];
}

function canaryWords(course: GroupCourse): string {
  const whose = course.isBlueGreen
    ? 'the new set gets'
    : course.canaries === 1
      ? 'the canary gets'
      : 'the canaries get';
  return `${whose} ${shareOf(course)}% of the requests until promotion${previewWords(course.group)}`;
}

/** What is written down, else nothing for a whole second set, else a share by count. */
function shareOf({ group, canaries, isBlueGreen, running }: GroupCourse): number {
  const byCount = Math.round((1000 * canaries) / (canaries + running)) / 10;
  return group.Update?.CanaryWeight ?? (isBlueGreen ? 0 : byCount);
}

function previewWords(group: TaskGroup): string {
  const places = [...new Set(ingressesOf(group).flatMap(previewPlaces))];
  return places.length === 0 ? '' : `; a preview answers at ${places.join(' and ')}`;
}

const previewPlaces = ({ Listen, PreviewListen, PreviewHost }: ServiceIngress): string[] => [
  ...(PreviewListen === undefined ? [] : [`port ${PreviewListen}`]),
  ...(PreviewHost === undefined ? [] : [`${PreviewHost}:${Listen}`]),
];

function rollingWords(course: GroupCourse): string {
  const { group, plan } = course;
  if (plan.placements.some((row) => row.TaskGroup === group.Name && row.AwaitsPrevious))
    return `there is no room for two, so requests wait for up to ${holdOf(group)} while one instance hands over to the next`;
  if (surgeOf(group.Update, group.Count) > 0)
    return 'new instances start first; as many old ones drain and stop once the new ones serve';
  return isStartFirst(course)
    ? 'the new instance starts first; the old one drains and stops once the new one serves'
    : 'instances drain before they stop; no request is dropped';
}

const isStartFirst = ({ group, plan, running }: GroupCourse): boolean =>
  plan.heldBack[group.Name]?.reason === 'start-first' || running <= (group.Update?.MaxParallel ?? 0);

const holdOf = (group: TaskGroup): string => formatDuration(Math.max(...ingressesOf(group).map(({ Hold }) => Hold)));

const ingressesOf = (group: TaskGroup): ServiceIngress[] =>
  ingressServices(group).flatMap((service) => service.Ingress ?? []);
