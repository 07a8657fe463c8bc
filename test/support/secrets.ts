import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { signingKeyFile } from '../../src/jobs/signer.ts';
import { copyFile, ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { parse } from '../../src/model/claim-id.ts';

/*
 * Whether anything that was logged gives away what is secret: Claim IDs that the ledgers hold, keys, tokens, passwords,
 * links and cookies. And whether each line of the log is one line: a break brought in from outside would make two.
 */

export interface Watch {
  /** Never to be seen in a log. What has fewer than eight letters could stand there by accident, and is left out. */
  add: (...secrets: (string | undefined)[]) => void;
  /** Adds what a request or a reply says under the name of a secret, at whatever depth. */
  read: (body: unknown) => void;
  /** Adds the cookies that a reply sets. */
  readHeaders: (headers: Headers) => void;
  /** Adds the station key that stands in an agent's address. */
  readPath: (path: string) => void;
  /** Looks at this text in the end. */
  listen: (text: () => string) => void;
  /** Of this folder's ledger: its Claim IDs, and the hashes of what opens its doors. */
  ledger: (data: string) => void;
  /** What leaked, each with its line. The ledgers have to be closed. */
  leaks: () => string[];
  /** Forgets the texts and the ledgers of a test file that has ended. */
  forget: () => void;
}

const MIN_SECRET = 8;

/** Secrets that are drawn have 27 letters or more; no word of that length is hashed in vain too often. */
const MIN_DRAWN = 20;

const NAMES = /^(key|token|link|password|cookie|secret)$/i;

export function openWatch(): Watch {
  const secrets = new Set<string>();
  const texts: (() => string)[] = [];
  const folders = new Set<string>();
  const add = (...added: (string | undefined)[]): void => {
    for (const secret of added) if (secret !== undefined && secret.length >= MIN_SECRET) secrets.add(secret);
  };
  const read = (body: unknown): void => {
    if (typeof body !== 'object' || body === null) return;
    for (const [name, value] of Object.entries(body)) {
      if (typeof value !== 'string') read(value);
      else if (NAMES.test(name)) add(...secretsIn(value));
    }
  };
  return {
    add,
    read,
    readHeaders: (headers) => {
      for (const cookie of headers.getSetCookie()) add(...(cookie.split(';')[0]?.match(DRAWN) ?? []));
    },
    readPath: (path) => add(/^\/(?:ioto\/serialize|api(?=\/[^/]+\/device))\/([^/?]+)/.exec(path)?.[1]),
    listen: (text) => void texts.push(text),
    ledger: (data) => void folders.add(data),
    leaks: () => {
      const held = [...folders].map(heldIn);
      for (const folder of folders) add(...privateKeyIn(folder));
      const ucis = new Set(held.flatMap((one) => one.ucis));
      const hashes = new Set(held.flatMap((one) => one.hashes));
      return texts.flatMap((text) => leaksIn(text(), { secrets, ucis, hashes }));
    },
    forget: () => {
      texts.length = 0;
      folders.clear();
    },
  };
}

const DRAWN = new RegExp(`[0-9A-Za-z_-]{${MIN_DRAWN},}`, 'g');

/** An address is no secret, the part of it that was drawn is. */
function secretsIn(text: string): string[] {
  return /^https?:/.test(text) ? (text.match(DRAWN) ?? []) : [text];
}

export interface Known {
  secrets: Iterable<string>;
  ucis: ReadonlySet<string>;
  /** SHA-256, as hexadecimal text, of secrets nobody told us. */
  hashes: ReadonlySet<string>;
}

/** What signs the checkpoints, without the lines around it. */
function privateKeyIn(data: string): string[] {
  const file = signingKeyFile(data);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(1, -2) : [];
}

function heldIn(data: string): { ucis: string[]; hashes: string[] } {
  const file = [ledgerFile(data), copyFile(data)].find((path) => existsSync(path));
  if (file === undefined) return { ucis: [], hashes: [] };
  const db = new Database(file, { readonly: true });
  try {
    const column = (sql: string): unknown[] => db.prepare(sql).pluck().all();
    const tables = new Set(column(`SELECT name FROM sqlite_schema WHERE type = 'table'`));
    return {
      ucis: tables.has('unit') ? (column(`SELECT uci FROM unit`) as string[]) : [],
      hashes: tables.has('credential') ? (column(`SELECT lower(hex(hash)) FROM credential`) as string[]) : [],
    };
  } catch (error) {
    // Some tests put a file there that is no ledger, or one that is damaged: it has no Claim IDs to tell.
    if (error instanceof Database.SqliteError && /^SQLITE_(NOTADB|CORRUPT)/.test(error.code)) {
      return { ucis: [], hashes: [] };
    }
    throw error;
  } finally {
    db.close();
  }
}

/** Every leak in the text, each once with the line it stands in. */
export function leaksIn(text: string, { secrets, ucis, hashes }: Known): string[] {
  const spellings = [...secrets].flatMap((secret) => [
    ...new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]),
  ]);
  // Almost always there is none in the whole text.
  const found = spellings.filter((spelling) => text.includes(spelling));
  const lines = text.split('\n');
  return lines.flatMap((line, i) => {
    // A process that was killed may have left half a line.
    const isWhole = i < lines.length - 1;
    const why = [
      ...found.filter((secret) => line.includes(secret)).map((secret) => `the secret ${secret}`),
      ...wordsOf(line, ucis, hashes),
      ...(CONTROL.test(line) ? ['a control character'] : []),
      ...(isWhole && line.startsWith('{') && !isObject(line) ? ['a line that is not one JSON object'] : []),
    ];
    return why.map((what) => `${what} in: ${line}`);
  });
}

/** A line break, also one of those that only some programs take for one, and what a terminal takes for an order. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Inside JSON the letters behind a backslash are not part of the word that follows. */
const ESCAPES = /\\(?:u[0-9a-f]{4}|.)/gi;
const WORD = /[0-9A-Za-z_-]{10,}/g;

/** One look-up a word: what a log says in a run must not take longer than the run. */
function wordsOf(line: string, ucis: ReadonlySet<string>, hashes: ReadonlySet<string>): string[] {
  const words = line.replace(ESCAPES, ' ').match(WORD) ?? [];
  return words.flatMap((word) => {
    // As it is, without the separators that people put in, and each part of it by itself.
    const named = [word, ...(/[_-]/.test(word) ? word.split(/[_-]/) : [])].map((part) => parse(part));
    const uci = named.find((one) => one !== undefined && ucis.has(one));
    const isKey = hashes.size > 0 && word.length >= MIN_DRAWN && hashes.has(sha256(word));
    return [...(uci === undefined ? [] : [`the Claim ID ${uci}`]), ...(isKey ? [`a key of the ledger, ${word},`] : [])];
  });
}

function sha256(word: string): string {
  return createHash('sha256').update(word).digest('hex');
}

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
