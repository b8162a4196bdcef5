/** Seeds 300 to 599 of the six hundred that every test run plays. */
import { playSeeds } from './play-seeds.ts';

playSeeds(300, 300);
