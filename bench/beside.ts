import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import { behindAll } from '../src/spool.ts';

/** A request to a running service that takes it long. */
export interface Asked {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: object;
}

/**
 * One request after the other as long as `act` takes. They are sent, and their answers read, by a process that stands for
 * another machine: it takes only what nobody else wants of this one.
 */
export async function whileAsking<T>(asked: Asked, act: () => Promise<T>): Promise<T> {
  const child = fork(script, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], ...behindAll() });
  const exited = once(child, 'exit');
  child.send(asked);
  try {
    return await act();
  } finally {
    child.disconnect();
    await exited;
  }
}

async function askForEver({ url, body, method, headers }: Asked): Promise<void> {
  for (;;) {
    const asked = request(url, { method, headers, agent: false });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode}`);
    await once(answer.resume(), 'end');
  }
}

const script = fileURLToPath(import.meta.url);
if (process.argv[1] === script && process.send) {
  process.once('message', (asked: Asked) => void askForEver(asked));
  process.once('disconnect', () => process.exit(0));
}
