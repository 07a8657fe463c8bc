import { expect, it } from 'vitest';
import { openDesk } from '../support/service.ts';

const PATH = '/.well-known/security.txt';

it('security.txt is there if a contact is set, as RFC 9116 has it', async () => {
  const now = Date.parse('2026-11-29T12:00:00Z');
  const env = {
    CLAIMSTAMP_SECURITY_CONTACT: 'mailto:security@example.com, https://example.com/report',
    CLAIMSTAMP_PUBLIC_URL: 'https://claims.factory.example/',
  };
  const desk = await openDesk(env, undefined, () => now);
  const answer = await desk.app.request(PATH);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; charset=utf-8$/i);
  expect((await answer.text()).split('\n')).toEqual([
    'Contact: mailto:security@example.com',
    'Contact: https://example.com/report',
    'Expires: 2027-05-28T00:00:00Z',
    'Preferred-Languages: en, es, zh',
    'Canonical: https://claims.factory.example/.well-known/security.txt',
    '',
  ]);
});

it('security.txt is 404 without a contact', async () => {
  const desk = await openDesk();
  expect((await desk.app.request(PATH)).status).toBe(404);
});

it.for(['security@example.com', 'http://example.com', 'mailto:a b@c', 'https://a\nExpires: x', 'javascript:x'])(
  '%j is no contact',
  async (contact) => {
    await expect(openDesk({ CLAIMSTAMP_SECURITY_CONTACT: contact })).rejects.toThrow(/CLAIMSTAMP_SECURITY_CONTACT/);
  },
);
