/**
 * What signals mean to an agent: SIGINT and SIGTERM ask it to leave in order, the second one hurries, SIGHUP reloads.
 */
export interface SignalHandlers {
  readonly leave: (signal: 'SIGINT' | 'SIGTERM') => void;
  readonly hurry: () => void;
  readonly reload: () => void;
}

/** Listens until the returned function is called. */
export function onSignals(handlers: SignalHandlers): () => void {
  let asked = 0;
  const leave = (signal: NodeJS.Signals) => {
    asked += 1;
    if (asked === 1) handlers.leave(signal as 'SIGINT' | 'SIGTERM');
    else handlers.hurry();
  };
  const reload = () => handlers.reload();
  process.on('SIGINT', leave);
  process.on('SIGTERM', leave);
  process.on('SIGHUP', reload);
  return () => {
    process.off('SIGINT', leave);
    process.off('SIGTERM', leave);
    process.off('SIGHUP', reload);
  };
}
