/** Seeds 0 to 299 of the six hundred that every test run plays; `npm run simulate` plays any number. */
import { playSeeds } from './play-seeds.ts';

playSeeds(0, 300);
