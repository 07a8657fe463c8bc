/**
 * The interval in ms at which a caller's access is checked while an answer is made or sent. Promise 12
 * (docs/promises.md) allows one second.
 */
export const CHECK_EVERY_MS = 400;

export interface AccessWatch {
  /** Aborts when the caller's access ends. The signal's reason is the refusal that a new request would get. */
  ended: AbortSignal;
  stop: () => void;
}

/**
 * Watches a caller's access while a long answer is made or sent. The check is the same as for a new request. So the
 * watch also notices when access expires, and when another process withdraws access.
 */
export function watchAccess(stillAllowed: () => Promise<unknown>): AccessWatch {
  const ended = new AbortController();
  let checking = false;
  const check = async (): Promise<void> => {
    if (checking) return;
    checking = true;
    await stillAllowed().catch((error: unknown) => ended.abort(error));
    checking = false;
    if (ended.signal.aborted) stop();
  };
  const timer = setInterval(() => void check(), CHECK_EVERY_MS).unref();
  const stop = (): void => clearInterval(timer);
  return { ended: ended.signal, stop };
}
