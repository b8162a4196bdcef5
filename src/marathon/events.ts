/**
 * The types of Marathon's event stream, and what each says. No others may be on it: some clients fail on a type that
 * they do not know.
 */
export const MarathonEventTypes = {
  event_stream_attached: 'Somebody reads: the first event of a stream, and told on the others.',
  event_stream_detached: 'Somebody else has stopped reading.',
  api_post_event: 'An app was created or changed, with the app.',
  group_change_success: 'A change of apps or groups was accepted.',
  deployment_info: 'A step of a deployment begins, with the plan.',
  deployment_step_success: 'A step of a deployment is done, with the plan.',
  deployment_step_failure: 'A step was given up: its deadline has passed.',
  deployment_success: 'A deployment has ended well, with the plan.',
  deployment_failed: 'A deployment was cancelled or given up, with the plan.',
  status_update_event: 'A task has another state.',
  instance_changed_event: 'The same, of its instance.',
  health_status_changed_event: 'The health checks of a task have another verdict.',
  instance_health_changed_event: 'The same, of its instance.',
  add_health_check_event: 'An app has another health check than before.',
  remove_health_check_event: 'An app lacks a health check that it had.',
  failed_health_check_event: 'A health check of a task has failed once more.',
  unhealthy_task_kill_event: 'A task is killed for its health.',
  unhealthy_instance_kill_event: 'The same, of its instance.',
  app_terminated_event: 'An app is gone.',
} as const;
export type MarathonEventType = keyof typeof MarathonEventTypes;

export interface MarathonEvent {
  readonly eventType: MarathonEventType;
  /** With its time stamp. */
  readonly [field: string]: unknown;
}

/** One line of JSON, as browsers and marathon-lb read it. */
export const eventFrame = (event: MarathonEvent): string =>
  `event: ${event.eventType}\r\ndata: ${JSON.stringify(event)}\r\n\r\n`;

export const HEARTBEAT_FRAME = '\r\n';
