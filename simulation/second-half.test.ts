/** Seeds 500 to 949 of the thousand worlds that every test run plays, and fifty of Marathon's apps. */
import { playSeeds } from './play-seeds.ts';

playSeeds(500, 450);
playSeeds(0, 50, 'apps-');
