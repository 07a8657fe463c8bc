import { setTimeout as pause } from 'node:timers/promises';

/** How long (in ms) a long piece of work may run before the thread serves other requests. */
const TURN_MS = 1;
/** The length of the pause in ms. During the pause, the thread serves waiting requests. */
const PAUSE_MS = 1;

/**
 * Lets long work run on the thread that serves agents. Call the returned function between two small steps of the work.
 * If a millisecond has passed since the last pause, the function pauses the work.
 */
export function openTurns(): () => Promise<void> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < TURN_MS) return;
    await pause(PAUSE_MS);
    begun = performance.now();
  };
}
