import { parentPort, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { FromWriter, ToWriter } from '../src/sqlite/writer.ts';
import { answerWithout } from './no-ledger.ts';

/* A writer thread for benchmarks. The thread answers all waiting commands, but records nothing. */

const port = parentPort as MessagePort;
const say = (message: FromWriter): void => port.postMessage(message);

port.on('message', receive);
say({ opened: true });

function receive(message: ToWriter): void {
  if ('close' in message) {
    say({ closed: true });
    return port.close();
  }
  if ('probe' in message) return say({ probed: { synchronous: 0, schema: 0 }, state: 'ready' });
  const { commands } = message;
  let rest: ToWriter | undefined;
  for (;;) {
    rest = receiveMessageOnPort(port)?.message as ToWriter | undefined;
    if (rest === undefined || !('commands' in rest)) break;
    commands.push(...rest.commands);
  }
  say({ replies: commands.map((command) => ({ answer: answerWithout(command), events: 1 })), state: 'ready' });
  if (rest) receive(rest);
}
