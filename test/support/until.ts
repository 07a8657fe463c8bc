import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 60_000;
/** Soon enough that no test waits noticeably for it, seldom enough that looking is not what the processor does. */
const POLL_MS = 10;

/** Waits until `act` gives something other than undefined or false, and gives that. Throws after `forMs`. */
export async function until<T>(
  act: () => T | undefined | false | Promise<T | undefined | false>,
  forMs = PATIENCE_MS,
): Promise<T> {
  for (const end = Date.now() + forMs; Date.now() < end; await pause(POLL_MS)) {
    const found = await act();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`still waiting after ${forMs} ms for: ${act.toString()}`);
}
