import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { signCheckpoint, verifierKey } from '../../src/proof/checkpoint.ts';
import type { Command } from '../../src/decide/command.ts';
import { verifyFile, type VerifyOptions } from '../../src/jobs/verify-file.ts';
import type { Verification } from '../../src/proof/verification.ts';
import { asOf } from '../../harness/earlier-schema.ts';
import {
  changeCell,
  CHECKED_TABLES,
  columnsOf,
  deleteRow,
  insertEvent,
  insertRow,
  ORDINARY_TABLES,
  rewriteHistory,
  swapRows,
  tamper,
  type Attack,
} from '../support/tamper.ts';
import {
  makeBusyLedger,
  newSigner,
  openDice,
  openFloor,
  publicPem,
  type BusyLedger,
  type Dice,
} from '../support/busy-ledger.ts';
import { tempFolder } from '../support/service.ts';

/* A ledger of ten thousand events, and a thousand ways to change it. */

const SEED = Math.floor(Math.random() * 2 ** 31);
const EVENTS = 10_000;
const CHANGES = 1000;

let ledger: BusyLedger;
let work: string;
let outside: VerifyOptions;

beforeAll(() => {
  const folder = tempFolder();
  ledger = makeBusyLedger(folder, EVENTS, SEED);
  work = join(folder, 'work.db');
  outside = { checkpoints: [ledger.note], keys: [publicPem(ledger.signer.privateKey)], showClaimIds: true };
});

function restore(from = ledger.file): string {
  for (const ending of ['', '-wal', '-shm']) rmSync(work + ending, { force: true, recursive: true });
  copyFileSync(from, work);
  return work;
}

function tableNames(): string[] {
  const db = new Database(ledger.file, { readonly: true });
  const names = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).pluck().all();
  db.close();
  return names as string[];
}

describe('a ledger that nobody changed', () => {
  it('holds, with what was kept elsewhere and without', async () => {
    const alone = await verifyFile(restore());
    expect(alone).toMatchObject({ ok: true, of: 'ledger', size: ledger.size, findings: [], found: 0 });
    expect(alone.unproven.join('\n')).toContain('--checkpoint');
    const held = await verifyFile(restore(), outside);
    expect(held).toMatchObject({ ok: true, root: alone.root, findings: [], unproven: [] });
    expect(held.proven.join('\n')).toContain(`the given checkpoint signs the first ${ledger.size} events`);
  });

  it('holds against each checkpoint that was made on the way', async () => {
    for (const { size, note } of ledger.before) {
      const one = await verifyFile(restore(), { ...outside, checkpoints: [note] });
      expect(one.ok, JSON.stringify(one.findings)).toBe(true);
      expect(one.unproven.join('\n')).toContain(`events ${size + 1} to ${ledger.size} are newer`);
    }
  });

  it('has rows in every table that is checked, and every table is either checked or ordinary', () => {
    expect(tableNames()).toEqual([...CHECKED_TABLES, ...ORDINARY_TABLES].toSorted());
    const db = new Database(ledger.file, { readonly: true });
    for (const table of CHECKED_TABLES) {
      expect(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), table).toBeGreaterThan(0);
    }
    db.close();
  });
});

/** An attack by its number: the same one in every run of the same seed. */
type Attacker = (db: Database.Database, dice: Dice) => Attack | undefined;

/** Tables whose rows stand for one event or unit each: several can be changed at once and are told one by one. */
const NARROW = ['event', 'event', 'event', 'unit', 'unit', 'unit', 'identity', 'print_job', 'subtree'];
const WIDE = [
  'tree_head',
  'product',
  'work_order',
  'station',
  'printer',
  'reservation',
  'serial_counter',
  'access',
  'access_covered',
  'access_event',
];
const NARROW_KEYS: Record<string, string[]> = { unit: ['id', 'uci', 'product'], event: ['seq'] };

const one = <T>(dice: Dice, list: readonly T[]): T => list[dice(list.length)] as T;

const narrowCell: Attacker = (db, dice) => {
  const table = one(dice, NARROW);
  const columns = columnsOf(db, table).map(({ name }) => name);
  return changeCell(
    db,
    dice,
    table,
    one(
      dice,
      columns.filter((name) => !NARROW_KEYS[table]?.includes(name)),
    ),
  );
};
const wideCell: Attacker = (db, dice) => {
  const [table, column] = one(dice, [
    ...Object.entries(NARROW_KEYS).flatMap(([name, columns]) => columns.map((column) => [name, column])),
    ...WIDE.flatMap((name) => columnsOf(db, name).map((column) => [name, column.name])),
  ]) as [string, string];
  return changeCell(db, dice, table, column);
};

const ATTACKS: { what: string; share: number; together: number; act: Attacker }[] = [
  {
    what: 'a cell of an event, a unit, an identity, a print job or a subtree',
    share: 0.68,
    together: 10,
    act: narrowCell,
  },
  { what: 'a cell of the head, of a small table, or that names a row', share: 0.06, together: 1, act: wideCell },
  { what: 'a row deleted', share: 0.08, together: 5, act: (db, dice) => deleteRow(db, dice, one(dice, NARROW)) },
  {
    what: 'a row of a small table deleted',
    share: 0.02,
    together: 1,
    act: (db, dice) => deleteRow(db, dice, one(dice, WIDE)),
  },
  {
    what: 'a row inserted',
    share: 0.06,
    together: 5,
    act: (db, dice) => insertRow(db, dice, one(dice, [...NARROW, ...WIDE])),
  },
  { what: 'an event inserted among the others', share: 0.015, together: 1, act: insertEvent },
  {
    what: 'two rows swapped',
    share: 0.06,
    together: 5,
    act: (db, dice) => swapRows(db, dice, one(dice, [...NARROW, ...WIDE])),
  },
  { what: 'history written anew, hashes and all', share: 0.025, together: 1, act: rewriteHistory },
];

const COUNTED = ATTACKS.map(({ share, ...attack }) => ({ ...attack, times: Math.ceil(share * CHANGES) }));

describe(`of ${CHANGES} changes, by the seed ${SEED},`, () => {
  it('all kinds are tried', () => {
    expect(ATTACKS.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it.each(COUNTED)(
    '$times times $what: every one is found, and it is said which',
    async ({ what, times, together, act }) => {
      const numbers = Array.from({ length: times }, (_, i) => SEED + i * 7919);
      for (let i = 0; i < times; i += together) {
        const some = numbers.slice(i, i + together);
        const missed = await attack(act, some);
        // What one attack makes of the rest may be more than is listed: then each has to be found alone.
        for (const number of missed) expect(await attack(act, [number]), `${what}, number ${number}`).toEqual([]);
      }
    },
    180_000,
  );
});

/** The numbers of those that were not told. */
async function attack(act: Attacker, numbers: number[]): Promise<number[]> {
  const done = tamper(restore(), (db) => numbers.map((number) => ({ number, ...attempt(act, db, number) })));
  const found = await verifyFile(work, { ...outside, checkpoints: [] });
  expect(found.ok, `not found: ${done.map(({ what }) => what).join('; ')}`).toBe(false);
  expect(found.proven).toEqual([]);
  return done.filter(({ told }) => !isTold(found, told)).map(({ number }) => number);
}

/** Until it is one that SQLite takes and that changes something. */
function attempt(act: Attacker, db: Database.Database, number: number): Attack {
  const dice = openDice(number);
  for (let tries = 0; tries < 100; tries++) {
    try {
      const done = db.transaction(() => act(db, dice))();
      if (done !== undefined) return done;
    } catch (error) {
      if (!(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT'))) throw error;
    }
  }
  throw new Error(`attack ${number} finds nothing to change`);
}

function isTold({ findings }: Verification, { table, column, seq, uci }: Attack['told']): boolean {
  return findings.some(
    (finding) =>
      (finding.table === table || (table === 'checkpoint' && finding.what.includes('checkpoint'))) &&
      (column === undefined || finding.column === undefined || finding.column === column) &&
      (seq === undefined || finding.seq === seq) &&
      (uci === undefined || finding.uci === uci),
  );
}

describe('a line that lost what its type needs', () => {
  it.each([
    ['product-set', '"id":'],
    ['station-set', '"name":'],
    ['work-order-set', '"id":'],
    ['printer-set', '"name":'],
  ])('of type %s is told by its number', async (type, key) => {
    const seq = tamper(restore(), (db) =>
      db
        .prepare(
          `UPDATE event SET line = replace(line, ?, '"lost":') WHERE seq = (SELECT max(seq) FROM event WHERE instr(line, ?)) RETURNING seq`,
        )
        .pluck()
        .get(key, `"type":"${type}"`),
    ) as number;
    const { ok, findings } = await verifyFile(work);
    expect(ok).toBe(false);
    expect(findings).toContainEqual(
      expect.objectContaining({
        seq,
        table: 'event',
        what: `event ${seq} was changed: its line does not match its hash`,
      }),
    );
    expect(findings.map(({ what }) => what)).toContain(`event ${seq} contradicts the events before it`);
  });
});

describe('a bit that changed in the file itself', () => {
  /** Without the pages that were freed on the way: there a bit means nothing. */
  const pack = (): string => {
    const packed = join(tempFolder(), 'packed.db');
    const db = new Database(ledger.file, { readonly: true });
    db.prepare(`VACUUM INTO ?`).run(packed);
    db.close();
    return packed;
  };

  it('is found, in a row as in an index', async () => {
    const packed = pack();
    const db = new Database(packed, { readonly: true });
    const ucis = db.prepare(`SELECT uci FROM unit`).pluck().all() as string[];
    db.close();
    const dice = openDice(SEED + 3);
    for (let i = 0; i < 40; i++) {
      const bytes = readFileSync(packed);
      const places = placesOf(bytes, one(dice, ucis));
      // Its row and its index at least, and an event that names it.
      expect(places.length).toBeGreaterThan(2);
      const at = one(dice, places) + dice(10);
      bytes[at]! ^= 1 << dice(7);
      restore(packed);
      writeFileSync(work, bytes);
      const found = await verifyFile(work);
      expect(found.ok, `byte ${at}, seed ${SEED}`).toBe(false);
    }
  });

  it('is told of the unit where it makes bytes of a text', async () => {
    const packed = pack();
    const bytes = readFileSync(packed);
    const db = new Database(packed, { readonly: true });
    const { id, uci } = db.prepare(`SELECT id, uci FROM unit ORDER BY id LIMIT 1 OFFSET 5`).get() as {
      id: number;
      uci: string;
    };
    db.close();
    // In a row's header a text of n bytes is 13 + 2n, and n bytes are 12 + 2n.
    const header = 13 + 2 * uci.length;
    const told: string[] = [];
    // Other bytes of the row may look like it, so each of them is tried.
    for (const at of placesOf(bytes, uci).flatMap((place) => lookAlikes(bytes, header, place))) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      restore(packed);
      writeFileSync(work, changed);
      const { ok, findings } = await verifyFile(work);
      expect(ok).toBe(false);
      told.push(...findings.map(({ what }) => what));
    }
    expect(told).toContain(`unit ${id} has events, but no row`);
    expect(told).not.toContain('the file is damaged: SQLite says SQLITE_ERROR');
  });

  it('is found where half of the file is missing, or all of it is noise', async () => {
    const whole = readFileSync(ledger.file);
    for (const [name, bytes] of [
      ['cut.db', whole.subarray(0, 20_000)],
      ['noise.db', Buffer.concat([whole.subarray(0, 16), Buffer.alloc(50_000, 'noise')])],
    ] as const) {
      const file = join(tempFolder(), name);
      writeFileSync(file, bytes);
      const { ok, findings } = await verifyFile(file);
      expect(ok).toBe(false);
      expect(findings[0]?.what).toMatch(/^the file is damaged: SQLite says SQLITE_(CORRUPT|NOTADB)$/);
    }
  });

  it('of its schema is found too: a trigger more or less', async () => {
    for (const change of [
      `DROP TRIGGER event_stays`,
      `DROP INDEX identity_unit`,
      `CREATE INDEX more ON unit (serial)`,
    ]) {
      const db = new Database(restore());
      db.exec(change);
      db.close();
      const found = await verifyFile(work);
      expect(found.ok, change).toBe(false);
      expect(found.findings[0]?.what).toMatch(/is missing|does not belong in a ledger/);
    }
  });
});

function placesOf(bytes: Buffer, text: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) if (isLive(bytes, at)) places.push(at);
  return places;
}

function hasExtra(file: string): boolean {
  const db = new Database(file, { readonly: true });
  const found = db.prepare(`SELECT 1 FROM unit WHERE extra IS NOT NULL`).get();
  db.close();
  return found !== undefined;
}

/** The places of a byte at most 40 bytes before a place. */
function lookAlikes(bytes: Buffer, byte: number, place: number): number[] {
  return Array.from({ length: 40 }, (_, i) => place - 40 + i).filter((at) => bytes[at] === byte);
}

const PAGE_BYTES = 4096;

/** SQLite's file format, 1.6: a page of a b-tree may hold what was there before, in front of its cells or between them. */
function isLive(bytes: Buffer, at: number): boolean {
  const page = bytes.subarray(at - (at % PAGE_BYTES)).subarray(0, PAGE_BYTES);
  const offset = at % PAGE_BYTES;
  const header = at < PAGE_BYTES ? 100 : 0;
  if (![2, 5, 10, 13].includes(page[header] as number)) return true;
  if (offset < page.readUInt16BE(header + 5)) return false;
  for (let free = page.readUInt16BE(header + 1); free > 0; free = page.readUInt16BE(free))
    if (offset >= free && offset < free + page.readUInt16BE(free + 2)) return false;
  return true;
}

describe('with a checkpoint and a key that were kept elsewhere', () => {
  const quarter = (): BusyLedger['before'][number] => ledger.before[0] as BusyLedger['before'][number];

  it('a ledger put back to an older state is found, which nothing in it betrays', async () => {
    const { size, file } = quarter();
    const alone = await verifyFile(restore(file));
    expect(alone, JSON.stringify(alone.findings)).toMatchObject({ ok: true, size });
    const found = await verifyFile(work, outside);
    expect(found.ok).toBe(false);
    expect(found.findings[0]?.what).toContain(`covers ${ledger.size} events, but there are ${size}`);
  });

  it('so is one that was put back and has grown past the checkpoint since', async () => {
    const floor = openFloor(restore(quarter().file), openDice(SEED + 1), SEED + 1);
    floor.work(ledger.size + 100);
    floor.close();
    expect((await verifyFile(work)).ok).toBe(true);
    const found = await verifyFile(work, outside);
    expect(found.ok).toBe(false);
    expect(found.findings.map(({ what }) => what).join('\n')).toContain(
      `the change is in events ${quarter().size + 1} to ${ledger.size}`,
    );
  });

  it('so is a replaced key, with every checkpoint in the ledger signed anew', async () => {
    const { origin } = ledger.signer;
    const thief = newSigner(origin);
    const root = Buffer.from((await verifyFile(restore())).root as string, 'hex');
    tamper(work, (db) => {
      db.exec(`DELETE FROM checkpoint`);
      const note = signCheckpoint({ size: ledger.size, root }, thief);
      db.prepare(`INSERT INTO checkpoint (size, note, at) VALUES (?, ?, 0)`).run(ledger.size, note);
    });
    expect((await verifyFile(work, { keys: [verifierKey(thief)] })).ok).toBe(true);
    const found = await verifyFile(work, { keys: [verifierKey(ledger.signer)] });
    expect(found.ok).toBe(false);
    expect(found.findings[0]?.what).toContain('is not signed by the key');
  });

  it('so is a ledger whose checkpoints were all taken out', async () => {
    tamper(restore(), (db) => db.exec(`DELETE FROM checkpoint`));
    const found = await verifyFile(work, { keys: outside.keys as string[] });
    expect(found.findings).toMatchObject([{ what: 'there is no checkpoint to check with the given key' }]);
  });
});

describe('each row of the table in docs/qa.md', () => {
  /** Signs as whoever has this key, in place of every checkpoint that the ledger stores. */
  async function signAnew(signer: BusyLedger['signer']): Promise<void> {
    tamper(work, (db) => db.exec(`DELETE FROM checkpoint`));
    const { size, root = '' } = await verifyFile(work);
    const note = signCheckpoint({ size, root: Buffer.from(root, 'hex') }, signer);
    tamper(work, (db) => db.prepare(`INSERT INTO checkpoint (size, note, at) VALUES (?, ?, 0)`).run(size, note));
  }
  const rewritten = (): void => void tamper(restore(), (db) => rewriteHistory(db, openDice(SEED + 9)));
  const isFound = async (options?: VerifyOptions): Promise<boolean> => !(await verifyFile(work, options)).ok;
  const kept = (): { checkpoint: VerifyOptions; key: VerifyOptions } => ({
    checkpoint: { checkpoints: [ledger.note] },
    key: { keys: outside.keys as string[] },
  });

  it('rewritten with all hashes: the checkpoints in the ledger tell, and without them one that was kept', async () => {
    rewritten();
    expect(await isFound()).toBe(true);
    tamper(work, (db) => db.exec(`DELETE FROM checkpoint`));
    expect(await isFound()).toBe(false);
    expect(await isFound(kept().checkpoint)).toBe(true);
  });

  it('made again with another key: the public key tells', async () => {
    rewritten();
    await signAnew(newSigner(ledger.signer.origin));
    expect(await isFound()).toBe(false);
    expect(await isFound(kept().key)).toBe(true);
  });

  it('made again with the stolen key: only a checkpoint tells', async () => {
    rewritten();
    await signAnew(ledger.signer);
    expect(await isFound(kept().key)).toBe(false);
    expect(await isFound(kept().checkpoint)).toBe(true);
  });
});

describe('a ledger', () => {
  it('of an earlier version is checked as a copy that is brought up to date, and stays as it is', async () => {
    // Without people and tokens, because that version committed to none.
    let early = makeBusyLedger(tempFolder(), 2000, SEED, []);
    // That version did not keep what arming withdrew, so no station may be armed with a verified unit at the end.
    for (let seed = SEED + 1; hasExtra(early.file); seed++) early = makeBusyLedger(tempFolder(), 2000, seed, []);
    restore(early.file);
    const former = `${work}.former`;
    asOf(work, former, 8);
    // That version stored no hashes of subtrees.
    const db = new Database(former);
    db.exec(`DELETE FROM subtree`);
    db.close();
    renameSync(former, work);
    const before = readFileSync(work);
    const kept = { checkpoints: [early.note], keys: [publicPem(early.signer.privateKey)] };
    const found = await verifyFile(work, kept);
    expect(found, JSON.stringify(found.findings)).toMatchObject({ ok: true, size: early.size });
    expect(readFileSync(work).equals(before)).toBe(true);
  });

  it('of a later version, or that is none, is refused with what to do', async () => {
    const db = new Database(restore());
    db.pragma('user_version = 999');
    db.close();
    await expect(verifyFile(work)).rejects.toThrow('start the newer version');
    const other = new Database(restore());
    other.pragma('application_id = 1');
    other.close();
    await expect(verifyFile(work)).rejects.toThrow('is not a Claimstamp ledger');
    writeFileSync(work, 'SQLite format 3\0 and then nothing');
    expect(await verifyFile(work)).toMatchObject({ ok: false, findings: [{ what: expect.stringMatching(/damaged/) }] });
    writeFileSync(work, 'hello');
    await expect(verifyFile(work)).rejects.toThrow('is not a ledger, a bundle or a proof');
    await expect(verifyFile(`${work}.nothing`)).rejects.toThrow('cannot be read: there is no such file');
  });

  it('in a folder that takes no files is checked as a copy', async () => {
    // A folder in the place of SQLite's own file: even root cannot write it.
    mkdirSync(`${restore()}-shm`);
    try {
      expect((await verifyFile(work, outside)).ok).toBe(true);
    } finally {
      rmSync(`${work}-shm`, { recursive: true });
    }
  });

  it('that is damaged is no fault of ours: it is said', async () => {
    const bytes = readFileSync(ledger.file);
    // Pages in the middle, the first ones left alone.
    bytes.fill(0xff, 40 * 4096, 90 * 4096);
    restore();
    writeFileSync(work, bytes);
    const found = await verifyFile(work);
    expect(found.ok).toBe(false);
    expect(found.findings.some(({ what }) => what.startsWith('the file is damaged'))).toBe(true);
  });

  it('holds while it is written, as of one moment', async () => {
    const floor = openFloor(restore(), openDice(SEED + 4), SEED + 4);
    const sizes: number[] = [];
    for (let i = 0; i < 3; i++) {
      floor.work(ledger.size + 40 * (i + 1));
      const found = await verifyFile(work, outside);
      expect(found.ok, JSON.stringify(found.findings)).toBe(true);
      sizes.push(found.size);
    }
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    floor.close();
  });

  it('of many events is hashed on a thread of its own, and what is wrong is found there as well', async () => {
    const folder = tempFolder();
    const file = join(folder, 'ledger.db');
    const floor = openFloor(file, openDice(SEED), SEED);
    const note = (count: number): Command => ({
      kind: 'note-bulk-read',
      what: 'units',
      filter: {},
      count,
      actor: 'admin',
    });
    for (let i = 0; i < 21; i++) floor.book.commit(Array.from({ length: 1000 }, (_, n) => note(n)));
    floor.close();
    const sound = await verifyFile(file);
    expect(sound, JSON.stringify(sound.findings)).toMatchObject({ ok: true });
    expect(sound.size).toBeGreaterThan(21_000);
    const forged = `replace(line, '"what":"units"', '"what":"Units"')`;
    tamper(file, (db) => db.exec(`UPDATE event SET line = ${forged} WHERE seq IN (5000, 20000)`));
    const found = await verifyFile(file);
    expect(found.findings.map(({ seq }) => seq)).toEqual([5000, 20_000]);
  });

  it('with holes far apart is done in no time', async () => {
    tamper(restore(), (db) => {
      db.exec(
        `UPDATE event SET seq = seq + 9000000000000000 WHERE seq > 9000; DELETE FROM event WHERE seq BETWEEN 2000 AND 6000`,
      );
    });
    const found = await verifyFile(work);
    const told = found.findings.map(({ what }) => what).join('\n');
    expect(told).toContain('are missing');
    expect(found.found).toBeGreaterThan(found.findings.length);
  });

  it('shows complete Claim IDs only on request', async () => {
    tamper(restore(), (db) => db.exec(`UPDATE unit SET labels = labels + 1 WHERE id = (SELECT max(id) FROM unit)`));
    const db = new Database(work, { readonly: true });
    const uci = db.prepare(`SELECT uci FROM unit ORDER BY id DESC LIMIT 1`).pluck().get() as string;
    db.close();
    expect((await verifyFile(work, { showClaimIds: true })).findings).toMatchObject([
      { uci, table: 'unit', column: 'labels' },
    ]);
    const masked = await verifyFile(work);
    expect(JSON.stringify(masked)).not.toContain(uci);
    expect(masked.findings[0]?.uci).toMatch(/^\*+[0-9A-Z]{2}$/);
  });

  it('is refused where what was kept elsewhere is nothing of the kind', async () => {
    await expect(verifyFile(restore(), { checkpoints: ['x'] })).rejects.toThrow(
      'not a checkpoint: pass the signed note',
    );
    await expect(verifyFile(work, { keys: ['x'] })).rejects.toThrow('the given key is not a verifier key');
  });
});
