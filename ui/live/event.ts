/** A line of /v1/event/stream. */
export interface StreamLine {
  readonly Index?: number;
  readonly Events?: readonly StreamEvent[];
}

export interface StreamEvent {
  readonly Topic: 'Job' | 'Evaluation' | 'Allocation' | 'Deployment' | 'Node';
  readonly Type: string;
  readonly Key: string;
  readonly FilterKeys: readonly string[] | null;
  readonly Index: number;
  readonly Payload: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
