/** What a job demands of nodes (constraints) and what it would like (affinities, spreads). */

export interface Constraint {
  LTarget: string;
  RTarget: string;
  /** "=", "!=", "<", "<=", ">", ">=", "regexp", "version", "semver", "set_contains", "set_contains_any", "distinct_hosts", "distinct_property", "is_set", "is_not_set". */
  Operand: string;
}

export interface Affinity extends Constraint {
  /** -100 to 100, never 0. */
  Weight: number;
}

export interface SpreadTarget {
  Value: string;
  Percent: number;
}

export interface Spread {
  Attribute: string;
  Weight: number;
  SpreadTarget: SpreadTarget[] | null;
}
