import { describe } from 'vitest';
import { dataPlaneContract } from '../data-plane-contract.ts';
import type { EmbeddedOptions } from '../embedded/embedded-data-plane.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { HaproxyDataPlane } from './haproxy-data-plane.ts';
import { hasHaproxy, temporaryFolder } from './live-rig.ts';

describe.skipIf(!hasHaproxy())('haproxy', () => {
  dataPlaneContract(
    'haproxy',
    (options, cleanup) =>
      new HaproxyDataPlane({
        ...options,
        dir: temporaryFolder(cleanup),
        settings: { ...DEFAULT_SETTINGS, ...edgeOf(options) },
      }),
  );
});

const edgeOf = ({ trustedProxies = [], acceptsProxyProtocol = false }: EmbeddedOptions) => ({
  trustedProxies,
  acceptsProxyProtocol,
});
