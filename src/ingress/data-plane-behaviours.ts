/**
 * What every data plane must do, and which cannot do what, with the reason. The tests of a behaviour, in `contract/`,
 * run for each data plane that has no reason here; docs/data-planes.md is made from the same lists.
 */
import { type Reasons, reasonTable } from '../lib/reason-table.ts';

export const BEHAVIOURS = {
  route: 'leads a request by host and path, and says so where nobody is',
  forward: 'tells an instance who asked, by which name',
  hop: 'passes on no header of one hop, however it is named',
  trust: 'believes what load balancers in front say of a client, and nobody else',
  allow: 'lets in who may come in, by the address, and nobody else',
  password: 'asks for a password, and lets in who knows one',
  tls: 'ends TLS with the certificate of the name, HTTP/2 included, and redirects to it',
  h2c: 'speaks HTTP/2 to an instance that asks for it',
  sticky: 'keeps a client at its instance by a cookie',
  source: 'keeps a client at its instance by its address, or gives instances their turn',
  deadline: 'ends what is in flight at the drain deadline, but not where nobody is about to stop the instance',
  polite: 'tells in its own words why it ended a request at the drain deadline',
  timeouts: 'counts the time before an answer and within it apart',
  stream: 'carries large bodies unchanged, no faster than they are taken',
  tcp: 'joins the bytes of both sides of a TCP connection',
  websocket: 'counts a WebSocket as in flight until it is closed',
  goodbye: 'ends a WebSocket at the drain deadline with a close frame, after all that was under way',
  update: 'drops nothing over updates under load',
  drain: 'acknowledges a drain when nothing is in flight, and not before',
  move: 'moves the connections of clients to other instances',
  weights: 'gives each pool its share, and a share of 0 nothing',
  exact: 'spreads the shares evenly in time',
  part: 'gives an instance the part that its weight says, and counts its requests',
  choice: 'leads a request to the canaries, or past them, by its header or cookie',
  trial: 'keeps a user with the version that they saw while canaries are tried',
  flip: 'moves all requests from one pool to another in one step',
  preview: 'leads a preview to the canaries alone',
  check: 'sends nothing before a check of its own has passed',
  refused: 'sends a refused request to another instance, whatever its method',
  resend: 'sends a request again only where that is safe',
  cut: 'shows its client where an answer broke off',
  hold: 'lets requests wait while no instance is ready',
  port: 'says which port is taken, and serves the others',
  close: 'closes the idle connections of a frontend that is gone',
  stop: 'stops gracefully',
  figures: 'counts requests and bytes by pool and version, and those that reached nobody',
  latency: 'tells how long instances take to answer, by pool and version',
} as const;

export type Behaviour = keyof typeof BEHAVIOURS;

/** A data plane, and why it cannot do what it cannot do. */
export const DATA_PLANES = {
  embedded: {},
  haproxy: {
    goodbye: 'HAProxy writes nothing into a WebSocket: it ends the connection',
    timeouts: 'HAProxy 2.6 has one timeout for an instance that is silent',
    close: 'a worker keeps such a connection for its next request, or 5 minutes: closing it could cut a request',
  },
} as const satisfies Readonly<Record<string, Reasons<Behaviour>>>;

export type DataPlaneName = keyof typeof DATA_PLANES;

export const behaviourTable = (): string => reasonTable<Behaviour>(BEHAVIOURS, DATA_PLANES);
