/** Rows whose id starts with what somebody typed. */

/** At most `limit` of them, in the order in which the table lists them. Ids are compared without regard to case. */
export function withIdPrefix<Row extends { readonly ID: string }>(
  rows: Iterable<Row>,
  prefix: string,
  limit = Number.POSITIVE_INFINITY,
): Row[] {
  const wanted = prefix.toLowerCase();
  const found: Row[] = [];
  for (const row of rows) {
    if (found.length >= limit) break;
    if (row.ID.toLowerCase().startsWith(wanted)) found.push(row);
  }
  return found;
}
