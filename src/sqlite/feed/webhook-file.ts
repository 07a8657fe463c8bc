import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { z } from 'zod';
import {
  MAX_ATTEMPTS,
  PAUSE_REASONS,
  WebhookName,
  WebhookSettings,
  type WebhookAttempt,
} from '../../contract/feed/webhooks.ts';
import { refusal } from '../../platform/error.ts';
import { isDirectory } from '../../platform/file-error.ts';

/*
 * The file with the webhooks (`webhooks.db`): their settings, secrets, places in the feed, and last attempts. A secret
 * that is used to sign cannot be stored as a hash. So only the user of the service can read the file. Backups do not
 * contain the file, because copies of the ledger leave this machine.
 */

export const Kept = z.strictObject({
  name: WebhookName,
  settings: WebhookSettings,
  secret: z.string().startsWith('whsec_'),
  /** While a receiver changes to the new secret, events are also signed with the former one. */
  former: z.strictObject({ secret: z.string().startsWith('whsec_'), until: z.number() }).optional(),
  /** All events up to this one are delivered. `at` is the time of the event. */
  cursor: z.strictObject({ seq: z.int().min(0), at: z.number() }),
  failing: z
    .strictObject({ since: z.number(), times: z.int().min(1), next: z.number(), result: z.string() })
    .optional(),
  paused: z.strictObject({ at: z.number(), why: z.enum(PAUSE_REASONS) }).optional(),
  /** The number of attempts so far. */
  attempts: z.int().min(0),
});
export type Kept = z.infer<typeof Kept>;

export interface WebhookFile {
  all: () => Kept[];
  /** Saves a change that a person made. When this function returns, the change is on disk. */
  set: (kept: Kept) => void;
  remove: (name: string) => void;
  /**
   * Saves the place of a webhook after an attempt. A power failure may lose the last of these changes. Then the webhook
   * sends the events after the saved place again.
   */
  note: (kept: Kept, attempt?: WebhookAttempt) => void;
  /** Returns the last attempts, newest first. */
  attempts: (name: string, limit: number) => WebhookAttempt[];
  close: () => void;
}

/** The first bytes of each SQLite file (https://sqlite.org/fileformat2.html, section 1.3). */
const HEADER = Buffer.from('SQLite format 3\0');

/** The version of the schema below. */
const VERSION = 1;

/** The application id that marks the file. It stands for "CLWH". */
const APPLICATION_ID = 0x434c5748;

/** A new attempt overwrites the oldest one: its `slot` is its number modulo MAX_ATTEMPTS. */
const SCHEMA = `
  CREATE TABLE webhook (name TEXT PRIMARY KEY, kept TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE attempt (
    webhook TEXT NOT NULL REFERENCES webhook (name) ON DELETE CASCADE,
    slot    INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    ms      INTEGER NOT NULL,
    result  TEXT NOT NULL,
    PRIMARY KEY (webhook, slot)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};`;

/**
 * Opens the file, and makes it if it is missing. A file that is damaged or has another version is not replaced, because
 * it has the only copy of the secrets.
 */
export function openWebhookFile(file: string): WebhookFile {
  // SQLite gives its other files the same mode.
  closeSync(openSync(file, 'a', 0o600));
  const db = new Database(file);
  try {
    db.pragma('trusted_schema = OFF');
    db.pragma('foreign_keys = ON');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    const isNew = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
    if (isNew) db.transaction(() => db.exec(SCHEMA))();
    const [id, version] = ['application_id', 'user_version'].map((name) => db.pragma(name, { simple: true }));
    if (id !== APPLICATION_ID || version !== VERSION) throw refusal('webhooks-unavailable', 'otherVersion', { file });
    return preparedOn(db);
  } catch (error) {
    db.close();
    throw isDamage(error) ? refusal('webhooks-unavailable', 'damaged', { file }) : error;
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

/** Throws if the file does not begin as a SQLite file. Does not open the database, so it makes no other files. */
export function checkWebhookFile(file: string): void {
  if (!existsSync(file) || isDirectory(file)) return;
  const begin = readFileSync(file).subarray(0, HEADER.length);
  if (begin.length > 0 && !begin.equals(HEADER)) throw refusal('webhooks-unavailable', 'damaged', { file });
}

function preparedOn(db: Database.Database): WebhookFile {
  const all = db.prepare<[], string>('SELECT kept FROM webhook ORDER BY name').pluck();
  const insert = db.prepare<[string, string]>(
    'INSERT INTO webhook (name, kept) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET kept = excluded.kept',
  );
  const update = db.prepare<[string, string]>('UPDATE webhook SET kept = ? WHERE name = ?');
  const remove = db.prepare<[string]>('DELETE FROM webhook WHERE name = ?');
  const add = db.prepare<[WebhookAttempt & { webhook: string; slot: number; number: number }]>(
    `INSERT OR REPLACE INTO attempt (webhook, slot, number, seq, at, ms, result)
     VALUES (@webhook, @slot, @number, @seq, @at, @ms, @result)`,
  );
  const attempts = db.prepare<[string, number], WebhookAttempt>(
    'SELECT seq, at, ms, result FROM attempt WHERE webhook = ? ORDER BY number DESC LIMIT ?',
  );
  const toDisk = (): void => void db.pragma('wal_checkpoint(TRUNCATE)');
  return {
    all: () => all.all().map(keptIn),
    set(kept) {
      insert.run(kept.name, JSON.stringify(kept));
      toDisk();
    },
    remove(name) {
      remove.run(name);
      toDisk();
    },
    note: db.transaction((kept: Kept, attempt?: WebhookAttempt) => {
      update.run(JSON.stringify(kept), kept.name);
      const number = kept.attempts;
      if (attempt !== undefined) add.run({ webhook: kept.name, slot: number % MAX_ATTEMPTS, number, ...attempt });
    }),
    attempts: (name, limit) => attempts.all(name, limit),
    close: () => db.close(),
  };
}

/** The error of `JSON.parse` would contain a part of the text, which has secrets. */
function keptIn(text: string): Kept {
  try {
    return Kept.parse(JSON.parse(text));
  } catch {
    throw new Error(
      'a webhook in webhooks.db is damaged: put a copy of the file back, or remove it and add the webhooks again',
    );
  }
}
