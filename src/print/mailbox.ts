/** Messages for one reader, in order. */
export interface Mailbox<T> {
  put: (message: T) => void;
  /** Returns the next message, or undefined if none arrives within `limitMs` or before the signal aborts. */
  get: (limitMs: number, signal: AbortSignal) => Promise<T | undefined>;
  /** Returns the messages that no one has read. */
  rest: () => T[];
}

export function openMailbox<T>(): Mailbox<T> {
  const messages: T[] = [];
  let arrived = (): void => {};
  return {
    put(message) {
      messages.push(message);
      arrived();
    },
    async get(limitMs, signal) {
      if (messages.length === 0 && !signal.aborted)
        await new Promise<void>((resolve) => {
          const end = (): void => {
            clearTimeout(late);
            signal.removeEventListener('abort', end);
            arrived = () => {};
            resolve();
          };
          const late = setTimeout(end, limitMs);
          signal.addEventListener('abort', end);
          arrived = end;
        });
      return messages.shift();
    },
    rest: () => messages.splice(0),
  };
}
