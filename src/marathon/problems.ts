/** What is wrong with an app or group, as Marathon answers it: by path, with the status that its clients expect. */

export interface FieldProblem {
  /** "/upgradeStrategy/minimumHealthCapacity", "/healthChecks(0)/protocol", "/" for the whole. */
  readonly path: string;
  readonly error: string;
}

/** 400: of the wrong type; 422: of the right type and makes no sense. */
export type ProblemStatus = 400 | 422;

export class MarathonProblem extends Error {
  override readonly name = 'MarathonProblem';
  readonly status: ProblemStatus;
  readonly problems: readonly FieldProblem[];

  constructor(status: ProblemStatus, problems: readonly FieldProblem[]) {
    super(status === 400 ? 'Invalid JSON' : 'Object is not valid');
    this.status = status;
    this.problems = problems;
  }

  /** The body of the answer: problems of one path together. */
  get body(): { message: string; details: { path: string; errors: string[] }[] } {
    const byPath = new Map<string, string[]>();
    for (const { path, error } of this.problems) byPath.set(path, [...(byPath.get(path) ?? []), error]);
    return { message: this.message, details: [...byPath].map(([path, errors]) => ({ path, errors })) };
  }
}

/** ["healthChecks", 0, "protocol"] → "/healthChecks(0)/protocol". */
export function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `(${part})` : `/${String(part)}`)).join('');
  return text === '' ? '/' : text;
}
