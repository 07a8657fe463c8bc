import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A request to a running service that takes it long. */
export interface Asked {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: object;
}

/** One request after the other as long as `act` takes. They are sent, and their answers read, in another process: what is measured is the service. */
export async function whileAsking<T>(asked: Asked, act: () => Promise<T>): Promise<T> {
  const child = fork(script, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  child.send(asked);
  try {
    return await act();
  } finally {
    child.disconnect();
    await exited;
  }
}

async function askForEver({ url, body, ...rest }: Asked): Promise<void> {
  for (;;) {
    const answer = await fetch(url, body === undefined ? rest : { ...rest, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    const reader = answer.body?.getReader();
    while ((await reader?.read())?.done === false);
  }
}

const script = fileURLToPath(import.meta.url);
if (process.argv[1] === script && process.send) {
  process.once('message', (asked: Asked) => void askForEver(asked));
  process.once('disconnect', () => process.exit(0));
}
