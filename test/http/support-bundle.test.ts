import { readFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { openMask } from '../../src/http/support-bundle.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk } from '../support/service.ts';

/** A support bundle of a ledger whose Claim IDs, people and secrets are known gives none of them away. */

const PERSON = 'annabelle';
const HOOK = 'https://hooks.example.com/token-of-the-webhook-4711';
const CONTACT = 'carla@contact.example.com';
const PRINTER_USER = 'printer-user-77';
const PRINTER_PASSWORD = 'password-of-the-printer-88';
const MAC = '02:00:00:00:aa:07';

const signingKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

async function known(): Promise<{ desk: Desk; uci: string; secrets: string[]; serial: string }> {
  const desk = await openDesk({
    CLAIMSTAMP_SIGNING_KEY: signingKey,
    CLAIMSTAMP_CHECKPOINT_WEBHOOK: HOOK,
    CLAIMSTAMP_SECURITY_CONTACT: `mailto:${CONTACT},tel:+49-731-0815`,
    CLAIMSTAMP_BACKUP_FOLDER: tempFolder(),
  });
  const { ask, agent } = desk;
  await ask('PUT', `/v1/people/${PERSON}`, { role: 'qa' });
  const { link } = (await ask<{ link: string }>('POST', `/v1/people/${PERSON}/link`)).body;
  const { token } = (await ask<{ token: string }>('POST', '/v1/tokens', { name: `${PERSON}-laptop`, role: 'qa' })).body;
  // Stations and printers may have names of people and of units.
  const uci = (await agent({ product: 'DEMO', mac: MAC })).body.id;
  await ask('PUT', `/v1/stations/desk-of-${PERSON}`, {});
  await ask('PUT', `/v1/printers/p-${uci}`, { kind: 'file', folder: tempFolder() });
  await ask('PUT', '/v1/printers/ipp-1', { kind: 'ipp', url: 'ipp://127.0.0.1:9/q', user: PRINTER_USER });
  await ask('PUT', '/v1/printers/ipp-1/password', { password: PRINTER_PASSWORD });
  const { serial } = (await ask<{ serial: string }>('GET', `/v1/units/${uci}`)).body;
  const station = `/v1/stations/desk-of-${PERSON}/key`;
  const { key } = (await ask<{ key: string }>('POST', station, {})).body;
  await ask('PUT', '/v1/printers/pc-1', { kind: 'agent' });
  const agentToken = (await ask<{ token: string }>('POST', '/v1/printers/pc-1/token', {})).body.token;
  const drawn = [link.split('/').at(-1) ?? '', token, key, agentToken];
  const secrets = [ADMIN_TOKEN, desk.house.localToken, ...drawn, ...signingKey.split('\n').slice(1, -2)];
  return { desk, uci, secrets, serial };
}

test('a support bundle has versions, settings and states, and gives nothing away', async () => {
  const { desk, uci, secrets, serial } = await known();
  const answer = await desk.app.request('/v1/support', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  expect(answer.headers.get('content-disposition')).toMatch(/filename="claimstamp-support-\d{4}-\d\d-\d\d\.json"/);
  const text = await answer.text();
  const bundle = JSON.parse(text) as { counts: object; printers: { name: string }[]; settings: { name: string }[] };
  expect(bundle.counts).toMatchObject({ products: 1, people: 1, printers: 3, tokens: 1 });
  expect(bundle.printers.map(({ name }) => name)).toContain('p-(Claim ID)');
  expect(bundle.settings.find(({ name }) => name === 'signingKey')).toMatchObject({ set: true });
  const people = [PERSON, CONTACT, '+49-731-0815', PRINTER_USER];
  const session = readFileSync(join(desk.data, 'session.key'), 'utf8').trim();
  const hidden = [uci, uci.toLowerCase(), serial, MAC, HOOK, PRINTER_PASSWORD, session, ...people, ...secrets];
  // An empty text would be in each bundle, and an absent one in none.
  expect(hidden.filter((one) => typeof one !== 'string' || one.length < 8)).toEqual([]);
  expect(hidden.filter((one) => text.includes(one))).toEqual([]);
});

test('the mask replaces each kind of secret, and leaves other words', async () => {
  const { desk, uci } = await known();
  const config = readConfig({ CLAIMSTAMP_ADMIN_TOKEN: ADMIN_TOKEN });
  const mask = await openMask({ ledger: desk.house.ledger, config });
  const shown = await Promise.all(
    [
      `unit ${uci} failed`,
      `unit ${uci.slice(0, 5)}-${uci.slice(5)} failed`,
      `${PERSON.toUpperCase()} signed in`,
      'ipp://user:pass@host/q',
      `mail ${CONTACT}`,
      `Bearer ${ADMIN_TOKEN}`,
      'registrations and thermostats',
    ].map(mask),
  );
  expect(shown).toEqual([
    'unit (Claim ID) failed',
    'unit (Claim ID) failed',
    '(person) signed in',
    'ipp://host/q',
    'mail (address)',
    'Bearer (secret)',
    'registrations and thermostats',
  ]);
});
