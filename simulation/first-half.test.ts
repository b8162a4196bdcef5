/** Seeds 0 to 399 of the eight hundred that every test run plays; `npm run simulate` plays any number. */
import { playSeeds } from './play-seeds.ts';

playSeeds(0, 400);
