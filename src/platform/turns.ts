/** How long (in ms) a long piece of work may run before the thread serves other requests. */
const TURN_MS = 1;
/**
 * At intervals of this length (in ms), one of the waiting pieces of work continues. In the rest of each interval, the
 * thread serves requests.
 */
const EVERY_MS = 4;

/** The long pieces of work on this thread that wait for their turn. */
const waiting: (() => void)[] = [];
let timer: NodeJS.Timeout | undefined;

function resumeOne(): void {
  waiting.shift()?.();
  timer = waiting.length === 0 ? undefined : setTimeout(resumeOne, EVERY_MS);
}

/**
 * Lets long work run on the thread that serves agents. Call the returned function between two small steps of the work.
 * If the work has run for a millisecond, the function pauses it. All long pieces of work on the thread take turns, so
 * that several of them delay agents no more than one does.
 */
export function openTurns(): () => Promise<void> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < TURN_MS) return;
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      timer ??= setTimeout(resumeOne, EVERY_MS - TURN_MS);
    });
    begun = performance.now();
  };
}
