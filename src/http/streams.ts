import { refusal } from '../platform/error.ts';
import { nameOf, type Principal } from './auth.ts';

/**
 * The maximum number of open streams: twice the number of screens in a large factory. Each stream takes one connection,
 * and one read of the ledger for each change.
 */
const MAX_STREAMS = 256;

/** A browser opens at most six connections to one service, in all its tabs together. */
const MAX_OF_CREDENTIAL = 8;

interface Stream {
  credential: string;
  name: string;
  end: () => void;
}

export interface Streams {
  /**
   * Adds a stream. `end` is called if the stream must make room for a newer one. The returned function removes the
   * stream. Throws `streams-full` if there are too many streams, and no other caller has more streams than this caller.
   */
  join: (who: Principal, end: () => void) => () => void;
}

/** Limits the open streams, so that no single caller can use up all of them. */
export function openStreams(max = MAX_STREAMS, what: 'close' | 'feeds' = 'close'): Streams {
  /** The streams, in the order in which they were opened. */
  const streams = new Set<Stream>();

  const of = (is: (stream: Stream) => boolean): Stream[] => [...streams].filter(is);
  const end = (stream: Stream | undefined): void => {
    if (stream === undefined) return;
    streams.delete(stream);
    stream.end();
  };
  /**
   * Finds the caller with the most streams. If that caller has more streams than the new caller, ends that caller's
   * oldest stream to make room.
   */
  const makeRoom = (newcomer: string): void => {
    const counts = new Map<string, number>();
    for (const { name } of streams) counts.set(name, (counts.get(name) ?? 0) + 1);
    const [most, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
    if (count <= (counts.get(newcomer) ?? 0) + 1) throw refusal('streams-full', what, { max });
    end(of(({ name }) => name === most)[0]);
  };

  return {
    join(who, onEnd) {
      const stream = { credential: who.credential, name: nameOf(who), end: onEnd };
      const own = of(({ credential }) => credential === stream.credential);
      if (own.length >= MAX_OF_CREDENTIAL) end(own[0]);
      if (streams.size >= max) makeRoom(stream.name);
      streams.add(stream);
      return () => void streams.delete(stream);
    },
  };
}
