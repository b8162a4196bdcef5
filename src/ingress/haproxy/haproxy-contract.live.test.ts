import { describe } from 'vitest';
import { dataPlaneContract } from '../data-plane-contract.ts';
import { HaproxyDataPlane } from './haproxy-data-plane.ts';
import { hasHaproxy, temporaryFolder } from './live-rig.ts';

describe.skipIf(!hasHaproxy())('haproxy', () => {
  dataPlaneContract(
    'haproxy',
    (options, cleanup) => new HaproxyDataPlane({ ...options, dir: temporaryFolder(cleanup) }),
  );
});
