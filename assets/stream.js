// One stream of events for all tabs of a browser, because a browser opens at most six connections to one service.

/** ms, longer than two heartbeats of the service. After this silence the connection is lost, whatever the browser says. */
const SILENT_MS = 25000;

/** ms between two attempts to connect: soon enough after a restart, and no load for a service that is down. */
const AGAIN_MS = 2000;

/**
 * Follows the stations of all readers. Readers get {station} after a change, {alive} after a sign of life and {lost}.
 * Returns functions that add and remove readers, and one that checks whether the stream still lives.
 */
export function openStream() {
  const readers = new Map();
  let source;
  let followed = '';
  let heardAt = 0;
  let timer;

  const tell = (message, station) => {
    for (const [tell, stations] of readers) if (station === undefined || stations.includes(station)) tell(message);
  };
  const alive = () => {
    heardAt = Date.now();
    clearTimeout(timer);
    timer = setTimeout(lose, SILENT_MS);
    tell({ alive: true });
  };
  const lose = () => {
    source?.close();
    followed = '';
    clearTimeout(timer);
    tell({ lost: true });
    if (readers.size > 0) timer = setTimeout(follow, AGAIN_MS);
  };
  const follow = () => {
    const names = [...new Set([...readers.values()].flat())].toSorted((a, b) => (a < b ? -1 : 1));
    const wanted = names.join();
    if (wanted === followed) return;
    followed = wanted;
    source?.close();
    clearTimeout(timer);
    if (wanted === '') return;
    const [first, ...others] = names;
    source = new EventSource(`/v1/stations/${first}/events${others.length > 0 ? `?with=${others.join()}` : ''}`);
    timer = setTimeout(lose, SILENT_MS);
    source.addEventListener('state', ({ data }) => {
      alive();
      const { name } = JSON.parse(data);
      tell({ station: name }, name);
    });
    source.addEventListener('beat', alive);
    source.addEventListener('error', lose);
  };
  return {
    add(reader, stations) {
      readers.set(reader, stations);
      // A reader that joins a stream gets its state at once, not with the next change.
      const before = followed;
      follow();
      if (followed === before && heardAt > 0) reader({ alive: true });
    },
    remove(reader) {
      readers.delete(reader);
      follow();
    },
    /** After a sleep of the computer, timers are late and the connection may be dead without a sign. */
    check() {
      if (Date.now() - heardAt > SILENT_MS) lose();
    },
  };
}
