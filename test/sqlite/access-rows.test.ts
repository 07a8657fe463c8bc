import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../src/decide/command.ts';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { signCheckpoint, type Signer } from '../../src/proof/checkpoint.ts';
import { rootOf, unpackRange } from '../../src/proof/tree.ts';
import { openLedgerFile } from '../../src/sqlite/ledger-file.ts';
import { openForWriting } from '../../src/sqlite/open.ts';
import { newSigner, publicPem } from '../support/busy-ledger.ts';
import { NOON, product, seededRandom, station } from '../support/map-ledger.ts';
import { tempFolder } from '../support/service.ts';

/* A backup that somebody can write to: each row that opens a door must be one that an event made. */

const actor = 'admin';
const HOUR = 3_600_000;
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
const session = (secret: string) => ({ hash: hashOf(secret), expiresAt: NOON + 8 * HOUR });
const invited = (name: string, secret: string, kiosk?: true): Command => ({
  kind: 'invite',
  name,
  hash: hashOf(secret),
  expiresAt: NOON + HOUR,
  actor,
  ...(kiosk ? { kiosk } : {}),
});

const COMMANDS: Command[] = [
  { kind: 'set-station', station: station({ name: 'nest' }), actor },
  { kind: 'set-station-key', station: 'nest', hash: hashOf('key'), actor },
  { kind: 'set-station-key', station: 'nest', hash: hashOf('next key'), overlapMs: HOUR, actor },
  invited('', 'first link'),
  { kind: 'use-link', hash: hashOf('first link'), session: session('ann 1'), name: 'ann', password: 'scrypt$ann' },
  { kind: 'sign-in', name: 'ann', password: 'scrypt$ann', session: session('ann 2') },
  { kind: 'create-token', name: 'ci', role: 'service', scopes: ['units:read'], hash: hashOf('ci'), actor },
  { kind: 'create-token', name: 'mes', role: 'qa', hash: hashOf('mes'), expiresAt: NOON + HOUR, actor },
  { kind: 'create-token', name: 'old', role: 'admin', hash: hashOf('old'), actor },
  { kind: 'revoke-token', name: 'old', actor },
  { kind: 'set-person', name: 'lin', role: 'operator', badge: 'OP-0001', actor },
  { kind: 'set-person', name: 'olga', role: 'operator', badge: 'OP-0002', actor },
  { kind: 'set-product', product: product({ id: 'THERMO' }), actor },
  { kind: 'set-product', product: product({ id: 'PUMP' }), actor },
  { kind: 'set-person', name: 'aud', role: 'auditor', ends: '2099-12-31', products: ['THERMO'], actor },
  { kind: 'set-person', name: 'gone', role: 'admin', actor },
  { kind: 'remove-person', name: 'gone', actor },
  invited('lin', 'link of lin'),
  invited('nest', 'kiosk link', true),
  { kind: 'use-link', hash: hashOf('kiosk link'), session: session('screen') },
  invited('nest', 'next kiosk link', true),
  { kind: 'use-badge', hash: hashOf('screen'), badge: 'OP-0001' },
  { kind: 'touch', hash: hashOf('ci') },
  {
    kind: 'sign-on',
    issuer: 'https://login.example.com',
    subject: 'sub-kim',
    role: 'qa',
    names: ['kim'],
    session: { ...session('kim 1'), issuerSession: 'of-kim' },
  },
];

let file: string;
let size: number;
let kept: { checkpoints: string[]; keys: string[] };

function keepCheckpoint(db: Database.Database, signer: Signer): { size: number; note: string } {
  const row = db.prepare(`SELECT size, range FROM tree_head`).get() as { size: number; range: Uint8Array };
  return {
    size: row.size,
    note: signCheckpoint({ size: row.size, root: rootOf(unpackRange(row.size, row.range)) }, signer),
  };
}

beforeAll(() => {
  file = join(tempFolder(), 'ledger.db');
  const db = openForWriting(file);
  const book = openLedgerFile(db, () => NOON, seededRandom(7));
  const refused = COMMANDS.flatMap((command) => book.commit([command])).filter((one) => 'refused' in one);
  expect(refused).toEqual([]);
  const signer = newSigner();
  const checkpoint = keepCheckpoint(db, signer);
  book.commit([{ kind: 'keep-checkpoint', ...checkpoint }]);
  size = checkpoint.size;
  kept = { checkpoints: [checkpoint.note], keys: [publicPem(signer.privateKey)] };
  book.checkpoint();
  db.close();
});

/** A copy in which the statements were run, as somebody with SQLite's shell would. */
function changed(...statements: string[]): string {
  const copy = join(tempFolder(), 'copy.db');
  copyFileSync(file, copy);
  const db = new Database(copy);
  db.pragma('ignore_check_constraints = ON');
  for (const statement of statements) expect(db.prepare(statement).run().changes, statement).toBeGreaterThan(0);
  db.close();
  return copy;
}

const EVIL = hashOf('evil').toString('hex');
const NONCE = 'ab'.repeat(32);
const COLUMNS = 'kind, name, role, scopes, kiosk, at, expires_at, revoked_at, nonce';

/** What was changed, and the row that the finding names. */
const ATTACKS: [string, string[], RegExp][] = [
  [
    'a token for an admin',
    [`INSERT INTO credential (hash, kind, name, role, at) VALUES (x'${EVIL}', 'token', 'evil', 'admin', 1)`],
    /token evil has a row/,
  ],
  [
    'a token with a nonce of its own',
    [
      `INSERT INTO credential (hash, kind, name, role, at, nonce) VALUES (x'${EVIL}', 'token', 'evil', 'admin', 1, '${NONCE}')`,
    ],
    /token evil has a row/,
  ],
  [
    'an admin with a password',
    [`INSERT INTO person (name, role, password, at) VALUES ('eve', 'admin', 'scrypt$eve', 1)`],
    /person eve has a row/,
  ],
  ['a role', [`UPDATE person SET role = 'admin' WHERE name = 'lin'`], /person lin differs/],
  ["a person's name", [`UPDATE person SET name = 'max' WHERE name = 'lin'`], /person max has a row/],
  [
    'two names',
    [
      `UPDATE person SET name = 'x' WHERE name = 'lin'`,
      `UPDATE person SET name = 'lin' WHERE name = 'ann'`,
      `UPDATE person SET name = 'ann' WHERE name = 'x'`,
    ],
    /person ann differs/,
  ],
  ['the last day of an auditor', [`UPDATE person SET ends = '2199-12-31' WHERE name = 'aud'`], /person aud differs/],
  ['the last day, removed', [`UPDATE person SET ends = NULL WHERE name = 'aud'`], /person aud differs/],
  ['the products of an auditor', [`UPDATE person SET products = '["PUMP"]' WHERE name = 'aud'`], /person aud differs/],
  ['an auditor who becomes QA', [`UPDATE person SET role = 'qa' WHERE name = 'aud'`], /person aud differs/],
  ['who signs on', [`UPDATE person SET subject = 'sub-eve' WHERE name = 'kim'`], /person kim differs/],
  ['the issuer', [`UPDATE person SET issuer = 'https://evil.example.com' WHERE name = 'kim'`], /person kim differs/],
  [
    'the session that the issuer ends',
    [`UPDATE credential SET issuer_session = 'x' WHERE issuer_session IS NOT NULL`],
    /session kim differs/,
  ],
  ['a password', [`UPDATE person SET password = 'scrypt$eve' WHERE name = 'ann'`], /person ann differs/],
  ['a password that was not there', [`UPDATE person SET password = 'x' WHERE name = 'lin'`], /person lin differs/],
  ['a removal', [`UPDATE person SET removed_at = NULL WHERE name = 'gone'`], /person gone differs/],
  [
    'two badges',
    [
      `UPDATE person SET badge = 'X' WHERE name = 'lin'`,
      `UPDATE person SET badge = 'OP-0001' WHERE name = 'olga'`,
      `UPDATE person SET badge = 'OP-0002' WHERE name = 'lin'`,
    ],
    /person (lin|olga) differs/,
  ],
  ['a person, deleted', [`DELETE FROM person WHERE name = 'gone'`], /person gone has no row/],
  ['a token, no longer revoked', [`UPDATE credential SET revoked_at = NULL WHERE name = 'old'`], /token old differs/],
  ['a role of a token', [`UPDATE credential SET role = 'admin' WHERE name = 'mes'`], /token mes differs/],
  ['the end of a token', [`UPDATE credential SET expires_at = NULL WHERE name = 'mes'`], /token mes differs/],
  ['scopes of a token', [`UPDATE credential SET scopes = '["access:write"]' WHERE name = 'ci'`], /token ci differs/],
  ['a name of a token', [`UPDATE credential SET name = 'max' WHERE name = 'old'`], /token max has a row/],
  ['a secret of a token', [`UPDATE credential SET hash = x'${EVIL}' WHERE name = 'ci'`], /token ci differs/],
  ['a nonce', [`UPDATE credential SET nonce = '${NONCE}' WHERE name = 'ci'`], /token ci differs/],
  ['a nonce, removed', [`UPDATE credential SET nonce = NULL WHERE name = 'ci'`], /token ci differs/],
  ['a kind', [`UPDATE credential SET kind = 'session' WHERE name = 'ci'`], /session ci has a row/],
  [
    'a screen that becomes a person',
    [`UPDATE credential SET kiosk = 0, name = 'ann' WHERE kind = 'session' AND kiosk = 1`],
    /session ann has a row/,
  ],
  [
    'a session that lasts',
    [`UPDATE credential SET expires_at = 9e15 WHERE kind = 'session' AND kiosk = 0`],
    /session ann differs/,
  ],
  [
    'a session of an admin, copied with another secret',
    [
      `INSERT INTO credential (hash, ${COLUMNS}) SELECT x'${EVIL}', ${COLUMNS} FROM credential
       WHERE kind = 'session' AND name = 'ann' LIMIT 1`,
    ],
    /session ann has a row/,
  ],
  [
    "a station's key, copied with another secret",
    [
      `INSERT INTO credential (hash, ${COLUMNS}) SELECT x'${EVIL}', ${COLUMNS} FROM credential
       WHERE kind = 'station-key' LIMIT 1`,
    ],
    /station key nest has a row/,
  ],
  [
    'a former key that works on',
    [`UPDATE credential SET expires_at = NULL WHERE kind = 'station-key' AND expires_at > 0`],
    /station key nest differs/,
  ],
  [
    'a link for another person',
    [`UPDATE credential SET name = 'ann' WHERE kind = 'link' AND name = 'lin'`],
    /link ann/,
  ],
  ['a link for a screen', [`UPDATE credential SET kiosk = 0 WHERE kind = 'link' AND kiosk = 1`], /link nest/],
  ['all tokens, deleted', [`DELETE FROM credential WHERE kind = 'token'`], /token ci has no row/],
  ['scopes that are no JSON', [`UPDATE credential SET scopes = '[' WHERE name = 'ci'`], /cannot be read/],
  [
    'a commitment without an event',
    [`INSERT INTO access (commitment, kind, name, seq) VALUES ('${NONCE}', 'token', 'evil', 2)`],
    /access [0-9a-f]{64} has a row, but no event made it/,
  ],
  ['a commitment, deleted', [`DELETE FROM access WHERE name = 'ci'`], /access [0-9a-f]{64} has events, but no row/],
  ['the covering event', [`UPDATE access_covered SET seq = 3`], /access_covered 1: seq differs/],
];

describe('a ledger whose credentials nobody changed', () => {
  it('holds, and nothing about access remains unproven', async () => {
    const found = await verifyLedger(file, kept);
    expect(found).toMatchObject({ ok: true, findings: [], unproven: [] });
    expect(found.proven.join('\n')).toContain('people, tokens, station keys');
  });

  it('has no secret, no hash of one and no nonce in its events, and a use adds no event', () => {
    const db = new Database(file, { readonly: true });
    const lines = db.prepare(`SELECT line FROM event`).pluck().all().join('\n');
    const secrets = [
      ...db.prepare(`SELECT lower(hex(hash)) FROM credential UNION ALL SELECT nonce FROM credential`).pluck().all(),
      ...db.prepare(`SELECT nonce FROM person UNION ALL SELECT password FROM person`).pluck().all(),
    ].filter((one) => one !== null) as string[];
    expect(db.prepare(`SELECT count(*) FROM event`).pluck().get()).toBe(size);
    db.close();
    expect(secrets.length).toBeGreaterThan(20);
    expect(secrets.filter((secret) => lines.includes(secret))).toEqual([]);
    expect(lines.match(/access-covered/g)).toHaveLength(1);
    expect(readFileSync(file).length).toBeGreaterThan(0);
  });
});

describe('a backup in which somebody changed who can come in', () => {
  it.each(ATTACKS)('%s: is found, with the name of the row and no secret', async (_, statements, named) => {
    const { ok, findings } = await verifyLedger(changed(...statements), kept);
    const text = findings.map(({ what }) => what).join('\n');
    expect(ok).toBe(false);
    expect(text).toMatch(named);
    expect(text).not.toMatch(new RegExp(`scrypt|${EVIL}`));
  });

  it('a row of an earlier backup is not the row of now', async () => {
    const early = join(tempFolder(), 'early.db');
    copyFileSync(file, early);
    const db = openForWriting(early);
    const row = db.prepare(`SELECT * FROM credential WHERE name = 'ci'`).get();
    openLedgerFile(db, () => NOON, seededRandom(8)).commit([{ kind: 'revoke-token', name: 'ci', actor }]);
    db.prepare(`DELETE FROM credential WHERE name = 'ci'`).run();
    const columns = Object.keys(row as object);
    db.prepare(
      `INSERT INTO credential (${columns.join(', ')}) VALUES (${columns.map((name) => `@${name}`).join(', ')})`,
    ).run(row);
    db.close();
    const { ok, findings } = await verifyLedger(early, kept);
    expect(ok).toBe(false);
    expect(findings).toMatchObject([{ what: expect.stringContaining('token ci differs') as string }]);
  });

  it('what the service does to such a row afterwards does not make it genuine', async () => {
    const copy = changed(`UPDATE person SET role = 'admin' WHERE name = 'lin'`);
    const db = openForWriting(copy);
    const book = openLedgerFile(db, () => NOON, seededRandom(9));
    const [started] = book.commit([{ kind: 'cover-access' }]);
    expect(started).toMatchObject({ answer: { unknown: ['person lin'] }, events: 0 });
    book.commit([{ kind: 'set-person', name: 'lin', badge: 'OP-0003', actor }]);
    db.close();
    const { ok, findings } = await verifyLedger(copy, kept);
    expect(ok).toBe(false);
    expect(findings.map(({ what }) => what).join('\n')).toMatch(/person lin differs from what its event committed to/);
  });

  it('events that somebody appended are named as newer than what was signed', async () => {
    const copy = join(tempFolder(), 'appended.db');
    copyFileSync(file, copy);
    const db = openForWriting(copy);
    openLedgerFile(db, () => NOON, seededRandom(10)).commit([
      { kind: 'create-token', name: 'evil', role: 'admin', hash: hashOf('evil'), actor },
    ]);
    db.close();
    const { ok, unproven } = await verifyLedger(copy, kept);
    expect(ok).toBe(true);
    expect(unproven.join('\n')).toContain(`token evil (event ${size + 1})`);
    expect(unproven.join('\n')).not.toContain('token ci');
  });
});

describe('a row that was added to the file', () => {
  /** What `verify` finds after the service has recorded these commands in the copy. */
  async function foundAfter(copy: string, commands: Command[]): Promise<string[]> {
    const db = openForWriting(copy);
    const book = openLedgerFile(db, () => NOON, seededRandom(8));
    for (const command of commands) book.commit([command]);
    book.checkpoint();
    db.close();
    return (await verifyLedger(copy)).findings.map(({ what }) => what);
  }
  const planted = (): string =>
    changed(
      `INSERT INTO person (name, role, at) VALUES ('mallory', 'admin', 1)`,
      `INSERT INTO credential (hash, kind, name, role, at) VALUES (x'${EVIL}', 'token', 'evil', 'admin', 1)`,
    );

  it('does not become genuine when the service changes it', async () => {
    const found = await foundAfter(planted(), [
      { kind: 'set-person', name: 'mallory', badge: 'OP-7777', actor },
      { kind: 'revoke-token', name: 'evil', actor },
    ]);
    expect(found).toEqual([
      expect.stringMatching(/token evil has a row/),
      expect.stringMatching(/person mallory has a row/),
    ]);
  });

  it('is found when the service was made to commit to all rows again', async () => {
    const copy = planted();
    const db = new Database(copy);
    db.exec(`DELETE FROM access_covered`);
    db.close();
    expect(await foundAfter(copy, [{ kind: 'cover-access' }])).toContainEqual(
      expect.stringMatching(
        /^event \d+ commits to all credentials and people again, but no restore of a backup follows this event$/,
      ),
    );
  });
});
