/** Seeds 400 to 799 of the eight hundred that every test run plays. */
import { playSeeds } from './play-seeds.ts';

playSeeds(400, 400);
