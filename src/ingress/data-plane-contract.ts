/**
 * The suite that every data plane passes, over real sockets; its tests are in `contract/`. What one cannot do is skipped
 * by name, with its reason in `data-plane-behaviours.ts`.
 */
import { drainContract } from './contract/drain.ts';
import { failuresContract } from './contract/failures.ts';
import { figuresContract } from './contract/figures.ts';
import { flipContract } from './contract/flip.ts';
import { healthContract } from './contract/health.ts';
import { protocolsContract } from './contract/protocols.ts';
import { routingContract } from './contract/routing.ts';
import { sharesContract } from './contract/shares.ts';
import { type MakeDataPlane, openSuite } from './contract/suite.ts';
import type { DataPlaneName } from './data-plane-behaviours.ts';

export function dataPlaneContract(name: DataPlaneName, make: MakeDataPlane): void {
  const suite = openSuite(name, make);
  routingContract(suite);
  protocolsContract(suite);
  drainContract(suite);
  sharesContract(suite);
  flipContract(suite);
  healthContract(suite);
  failuresContract(suite);
  figuresContract(suite);
}
