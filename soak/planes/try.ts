import { seededRandom } from '../../src/lib/random.ts';
import { startClients } from './clients.ts';
import { disturbanceOf } from './disturbances.ts';
import { type Plane, startPlaneRig } from './rig.ts';
import { UpdatedService } from './updates.ts';
import { lateFailures, updateOn } from './updating.ts';
const plane = process.argv[2] as Plane;
const t0=Date.now();
const rig = await startPlaneRig(plane);
console.log('rig', Date.now()-t0, rig.server.dataDir);
try {
  const service = new UpdatedService(rig);
  const from = Number(process.argv[3]), to = Number(process.argv[4]);
  await service.start(from - 1);
  console.log('service', Date.now()-t0);
  const clients = startClients(rig.listen);
  await updateOn({ rig, service, clients, random: seededRandom('try'), from, updates: to, disturbance: (n, k) => disturbanceOf(n, k, plane), onUpdate: (u) => { console.log(JSON.stringify(u)); return true; } });
  await clients.stop();
  console.log(lateFailures(clients), JSON.stringify(clients.figures()));
} finally { console.log(rig.server.log.slice(-1500)); await rig.close(); }
process.exit(0);
