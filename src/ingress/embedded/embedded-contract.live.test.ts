import { dataPlaneContract } from '../data-plane-contract.ts';
import { EmbeddedDataPlane } from './embedded-data-plane.ts';

dataPlaneContract('embedded', (options) => new EmbeddedDataPlane(options));
