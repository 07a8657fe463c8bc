import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/*
 * `flood.js <port>` sends requests that the service refuses. The program uses four connections, and runs until its
 * parent process disconnects. The flood comes from a separate process, so that it does not slow down the process that
 * measures.
 */

const port = Number(process.argv[2]);
const CONNECTIONS = 4;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

process.once('disconnect', () => process.exit());
await Promise.all(Array.from({ length: CONNECTIONS }, flood));

async function flood(): Promise<never> {
  for (;;) {
    await new Promise<void>((resolve) => {
      const asked = request({ host: '127.0.0.1', port, path: '/v1/units', agent }, (response) =>
        response.resume().once('end', resolve),
      );
      asked.once('error', () => resolve()).end();
    });
    await pause(1);
  }
}
