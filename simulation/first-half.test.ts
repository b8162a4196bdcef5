/** Seeds 0 to 499 of the thousand worlds that every test run plays; `npm run simulate` plays any number. */
import { playSeeds } from './play-seeds.ts';

playSeeds(0, 500);
