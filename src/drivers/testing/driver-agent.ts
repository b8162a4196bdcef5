/** An agent that dies, with raw_exec or exec. */
import { makeDriver } from './driver-maker.ts';
import { startWhenTold } from './start-when-told.ts';

startWhenTold(makeDriver);
