import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { built } from '../../src/platform/package-root.ts';
import { openStandIn, unclaimed, type Answering, type StandIn } from '../support/cloud-stand-in.ts';

/** What an agent waits for, shortened. ms */
const LIMIT_MS = 400;

let cloud: StandIn;
beforeAll(async () => {
  cloud = await openStandIn();
});
afterAll(() => cloud.close());

/** Asks with the built relay in a process of its own: what it trusts besides Node's authorities is read at a start only. */
async function ask(): Promise<string> {
  const script = `
    import { openCloud } from ${JSON.stringify(built('relay/cloud.js'))};
    const cloud = openCloud(${JSON.stringify(cloud.url)}, ${LIMIT_MS});
    const asked = { body: Buffer.from('{"id":"JT08FFQXWQ"}'), authorization: undefined, sender: '10.0.8.11' };
    const before = performance.now();
    const said = await cloud.register(asked).then(({ status }) => String(status), (error) => error.message);
    console.log(performance.now() - before < ${LIMIT_MS * 5} ? said : 'late: ' + said);
    cloud.close();`;
  const env = { NODE_EXTRA_CA_CERTS: cloud.authority };
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { env, timeout: 20_000 });
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  await once(child, 'close');
  return said.trim();
}

const drip: Answering = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const beat = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(beat));
};

it.each<[string, Answering, RegExp]>([
  ['answers', unclaimed, /^200$/],
  ['never answers', () => {}, /did not answer \(TIMEOUT\)$/],
  ['sends a byte now and then for ever', drip, /did not answer \(TIMEOUT\)$/],
  ['sends its head and then nothing', (response) => response.writeHead(200).flushHeaders(), /\(TIMEOUT\)$/],
  [
    'wants to speak another protocol',
    (response) =>
      void response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    /did not answer \(\w+\)$/,
  ],
  ['only announces an answer', (response) => response.writeProcessing(), /\(TIMEOUT\)$/],
])('a cloud that %s is waited for as long as an agent waits, and no longer', async (_what, how, said) => {
  cloud.answer(how);
  expect(await ask()).toMatch(said);
});
