/** Seeds 500 to 999 of the thousand that every test run plays. */
import { playSeeds } from './play-seeds.ts';

playSeeds(500, 500);
