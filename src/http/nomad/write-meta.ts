/** The last fields of most answers to a write. Of a write the wire never says that a leader is known. */
export const writeMeta = (index: number): { Index: number; LastContact: number; KnownLeader: boolean } => ({
  Index: index,
  LastContact: 0,
  KnownLeader: false,
});
