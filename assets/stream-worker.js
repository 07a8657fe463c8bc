import { openStream } from './stream.js';

// Shared by all tabs of this browser. A tab names its stations, asks for a check, or says that it leaves.

const stream = openStream();

self.addEventListener('connect', ({ ports: [port] }) => {
  const reader = (message) => port.postMessage(message);
  port.addEventListener('message', ({ data: { stations, check } }) => {
    if (check) stream.check();
    else if (stations) stream.add(reader, stations);
    else stream.remove(reader);
  });
  port.start();
});
