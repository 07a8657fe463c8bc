import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { beforeAll, expect, it } from 'vitest';
import { ADMIN_TOKEN, secrets, startService, tempFolder, type Service } from '../support/service.ts';

/* Without CLAIMSTAMP_PUBLIC_URL, a service in a network answers to every name, so a caller chooses the Host header. */

let service: Service;
beforeAll(async () => {
  service = await startService(tempFolder(), { HOST: '0.0.0.0', CLAIMSTAMP_AGENT_ACCESS: 'open' });
});

const FORGED = 'evil.example:81';

async function ask(method: string, path: string, headers: Record<string, string> = {}, body = '{}') {
  const sent = request({ host: '127.0.0.1', port: service.port, method, path, setHost: false });
  for (const [name, value] of Object.entries({ host: FORGED, ...headers })) sent.setHeader(name, value);
  sent.end(method === 'GET' ? undefined : body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer as AsyncIterable<Buffer>) text += chunk.toString();
  if (text.startsWith('{')) secrets.read(JSON.parse(text));
  return { status: answer.statusCode, headers: answer.headers, text };
}

const ADMIN = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };

it.for([
  ['POST', '/v1/people/olga/link', 'link'],
  ['POST', '/v1/stations/default/kiosk', 'link'],
  ['POST', '/v1/stations/default/key', 'url'],
] as const)('%s %s answers with an address of this machine, whatever Host says', async ([method, path, field]) => {
  await ask('PUT', '/v1/people/olga', ADMIN, '{"role":"operator"}');
  const { status, text } = await ask(method, path, ADMIN);
  expect(status, text).toBe(201);
  const body = JSON.parse(text) as Record<string, string>;
  expect(new URL(body[field] as string).origin).toBe(`http://127.0.0.1:${service.port}`);
});

it('the forwarded headers of a client change no link', async () => {
  const forged = { 'x-forwarded-host': FORGED, forwarded: `host=${FORGED};proto=https`, 'x-forwarded-proto': 'https' };
  const { text } = await ask('POST', '/v1/people/olga/link', { ...ADMIN, ...forged });
  expect(text).not.toContain('evil.example');
  expect(text).toContain(`http://127.0.0.1:${service.port}/`);
});

it.for([
  '/',
  '/sign-in',
  '/units',
  '//evil.example/units',
  '/\\evil.example',
  `http://${FORGED}/units`,
  '/openapi.json',
  '/docs',
])('the answer to %s names no host that the caller chose', async (path) => {
  for (const accept of ['text/html', '*/*']) {
    const { headers, text } = await ask('GET', path, { accept });
    const location = headers['location'] ?? '/';
    expect(location).toMatch(/^\/(?![/\\])/);
    expect(text).not.toContain(FORGED);
    expect(text).not.toMatch(/(href|action|src)="(\/\/|\/\\|https?:\/\/evil)/);
  }
});
