import { setTimeout as pause } from 'node:timers/promises';

/** The time in ms that a long piece of work may take before the thread serves others. */
const TURN_MS = 1;
/** The pause in ms. During the pause, the thread serves waiting requests. */
const PAUSE_MS = 1;

/**
 * Divides long work on the thread that serves agents. Call the returned function between two small pieces of the work.
 * It pauses the work if the work has taken a millisecond since the last pause.
 */
export function openTurns(): () => Promise<void> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < TURN_MS) return;
    await pause(PAUSE_MS);
    begun = performance.now();
  };
}
