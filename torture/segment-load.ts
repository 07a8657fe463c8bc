import { askOn, target } from '../harness/agent.ts';

/**
 * Sends agents' requests from a device on a network segment: `node segment-load.js URL MILLISECONDS`. Prints requests a
 * second.
 */

const [url = '', forMs = '1000'] = process.argv.slice(2);
const CLIENTS = 32;
const to = target(url);
const begun = performance.now();
let answered = 0;
const one = (): Promise<void> =>
  askOn(to, true, () => {
    answered++;
    return performance.now() - begun < Number(forMs);
  });
await Promise.all(Array.from({ length: CLIENTS }, one));
process.stdout.write(String(Math.round((answered * 1000) / (performance.now() - begun))));
