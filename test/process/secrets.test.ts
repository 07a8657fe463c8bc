import { describe, expect, it } from 'vitest';
import { secretHash } from '../../src/http/secret.ts';
import { leaksIn, openWatch, type Known } from '../support/secrets.ts';
import { ADMIN_TOKEN, openDesk, tempFolder } from '../support/service.ts';

/* The search that every test file ends with (support.ts) finds what it is there for. */

const UCI = 'JT08FFQXWQ';
const KEY = 'dGhlIGtleSBvZiBhIHN0YXRpb24';
const PASSWORD = 'correct "horse" battery';
const DRAWN = 'bm9ib2R5IHRvbGQgdGhlIHRlc3Rz';
const known: Known = {
  secrets: [KEY, PASSWORD],
  ucis: new Set([UCI, '0123456789']),
  hashes: new Set([Buffer.from(secretHash(DRAWN)).toString('hex')]),
};
const line = (detail: string): string => `${JSON.stringify({ level: 30, msg: 'answered', detail })}\n`;

describe('a log that gives away', () => {
  it.each([
    ['a Claim ID', line(`issued ${UCI}`), `the Claim ID ${UCI}`],
    ['one in an address', line(`/v1/units/${UCI}/events?x=1`), `the Claim ID ${UCI}`],
    ['one as a person types it', line('no unit jt08-ffqx-wq'), `the Claim ID ${UCI}`],
    ['one with the letters that people mistake', line('JTO8FFQXWQ'), `the Claim ID ${UCI}`],
    ['one inside a name', line(`label-${UCI}_1.pdf`), `the Claim ID ${UCI}`],
    ['one behind a line break that was escaped', line(`first\n${UCI}`), `the Claim ID ${UCI}`],
    ['one that is all digits', line('0123456789'), 'the Claim ID 0123456789'],
    ['one in a line for a terminal', `  Try it: ${UCI}\n`, `the Claim ID ${UCI}`],
    ['one in half a line', `{"uci":"${UCI}`, `the Claim ID ${UCI}`],
    ['a key', line(`POST /ioto/serialize/${KEY}`), `the secret ${KEY}`],
    ['a key glued to something', line(`key-${KEY}x`), `the secret ${KEY}`],
    ['a password with a blank and quotes', line(`refused ${PASSWORD}`), 'the secret correct'],
    ['a password in an address', line(`?p=${encodeURIComponent(PASSWORD)}`), 'the secret correct'],
    ['a key that only the ledger knows, by its hash', line(`Bearer ${DRAWN}`), `a key of the ledger, ${DRAWN}`],
    ['a line that input broke in two', '{"msg":"no product A\n{"forged":true}"}\n', 'not one JSON object'],
    ['an order to the terminal', 'claimstamp: \u001b[2J\n', 'a control character'],
    ['a carriage return', '{"msg":"a\rb"}\n', 'a control character'],
    ['a line separator', '{"msg":"a\u2028b"}\n', 'a control character'],
  ])('%s', (_what, log, what) => {
    const leaks = leaksIn(line('before') + log + (log.endsWith('\n') ? line('after') : ''), known);
    expect(leaks[0]).toContain(what);
    expect(leaks[0]).toContain(' in: ');
  });
});

it.each([
  ['nothing', ''],
  ['a masked Claim ID', line('********WQ')],
  ['half a line at its end', `${line('answered')}{"msg":"answ`],
  ['a line for the terminal', '\n  Ledger: ./data/ledger.db\n'],
  ['words as long as secrets', line('01G8YJKKRNTHW213TRZYX3YH0M 1764072000000 claimstamp-test-a1b2c3')],
  ['input with a break that is escaped', line('product "A\n{}"')],
])('a log with %s gives nothing away', (_what, log) => {
  expect(leaksIn(log, known)).toEqual([]);
});

describe('the watch', () => {
  it('knows the secrets of requests and replies by their names, and cookies by their headers', () => {
    const watch = openWatch();
    watch.read({
      tokens: [{ name: 'not a secret at all', token: 'the-token-1' }],
      station: { key: 'the-key-2' },
      link: 'http://127.0.0.1:4100/in#the-link-3-of-at-least-20-letters',
      password: 'pass word 4',
      count: 5,
    });
    watch.readHeaders(new Headers({ 'set-cookie': 'session=the-cookie-5-of-20-letters.sig; HttpOnly; Path=/' }));
    watch.readPath('/ioto/serialize/the-key-6?x=1');
    watch.readPath('/v1/units/not-a-key');
    let log = '';
    watch.listen(() => log);
    const secrets = ['the-token-1', 'the-key-2', 'the-link-3-of-at-least-20-letters', 'pass word 4'];
    for (const secret of [...secrets, 'the-cookie-5-of-20-letters', 'the-key-6']) {
      log = line(`x ${secret} y`);
      expect(watch.leaks(), secret).toHaveLength(1);
    }
    log = line('not a secret at all, http://127.0.0.1:4100/in, HttpOnly, not-a-key');
    expect(watch.leaks()).toEqual([]);
  });

  it("finds the Claim IDs and the keys of a ledger in the service's log over it", async () => {
    const watch = openWatch();
    const desk = await openDesk();
    let planted = '';
    watch.listen(() => desk.log() + planted);
    watch.ledger(desk.data);
    const { id } = (await desk.agent({ product: 'DEMO' })).body;
    const { key } = (await desk.ask<{ key: string }>('POST', '/v1/stations/default/key')).body;
    await desk.close();
    expect(desk.log()).not.toBe('');
    expect(watch.leaks()).toEqual([]);
    planted = line(`issued ${id}`);
    expect(watch.leaks()).toEqual([expect.stringContaining(`the Claim ID ${id}`)]);
    planted = line(`POST /ioto/serialize/${key}`);
    expect(watch.leaks()).toEqual([expect.stringContaining(`a key of the ledger, ${key}`)]);
  });

  it('has nothing of a folder without a ledger, and is told of tokens', () => {
    const watch = openWatch();
    watch.ledger(tempFolder());
    watch.add(ADMIN_TOKEN, undefined, 'short');
    watch.listen(() => line(`Bearer ${ADMIN_TOKEN}, short`));
    expect(watch.leaks()).toEqual([expect.stringContaining(`the secret ${ADMIN_TOKEN}`)]);
  });
});
