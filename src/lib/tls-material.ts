/** Certificates as they are read from files: what one side of a TLS connection shows, and whom it believes. PEM. */
export interface TlsMaterial {
  /** Who may sign the other side's certificate; the system's authorities where it is left out. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}
