import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBody } from '../../src/model/body.ts';
import { DEFAULT_IDENTITY } from '../../src/model/identity/placeholders.ts';
import { signCheckpoint, type Signer } from '../../src/proof/checkpoint.ts';
import type { Command } from '../../src/decide/command.ts';
import type { IssueRequest } from '../../src/decide/issue.ts';
import { tally } from '../../src/decide/reconcile.ts';
import { openLedgerFile, type LedgerFile } from '../../src/sqlite/ledger-file.ts';
import { openForWriting } from '../../src/sqlite/open.ts';
import { rootOf, unpackRange } from '../../src/proof/tree.ts';
import { OUTCOMES, type Outcome } from '../../src/model/unit.ts';
import { Printer } from '../../src/model/printer.ts';
import { check } from '../../src/platform/validation-words.ts';
import { NOON, printer, product, seededRandom, station, workOrder } from './map-ledger.ts';

/* A ledger as a busy week leaves it: every table filled, every kind of event in it, made by the store itself. */

export interface BusyLedger {
  file: string;
  signer: Signer;
  size: number;
  /** The file as it was at some sizes on the way, closed, with a checkpoint of that moment. */
  before: { size: number; file: string; note: string }[];
  /** A checkpoint of all of it. */
  note: string;
}

export type Dice = (below: number) => number;

export function openDice(seed: number): Dice {
  const random = seededRandom(seed);
  return (below) => {
    const [a = 0, b = 0, c = 0, d = 0] = random(4);
    return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % below;
  };
}

export function newSigner(origin = 'serials.example.com/test'): Signer {
  return { origin, privateKey: generateKeyPairSync('ed25519').privateKey };
}

export function publicPem(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }) as string;
}

const DEVICES = 3000;
const ACTOR = 'person:ann';

/** About `size` events; a copy is put aside a few times on the way. */
export function makeBusyLedger(folder: string, size: number, seed: number, access = ACCESS): BusyLedger {
  const file = join(folder, 'ledger.db');
  const signer = newSigner();
  const floor = openFloor(file, openDice(seed), seed);
  floor.book.commit(access);
  const keepCheckpoint = (): { size: number; note: string } => {
    const head = floor.head();
    const kept = { size: head.size, note: signCheckpoint(head, signer) };
    floor.book.commit([{ kind: 'keep-checkpoint', ...kept }]);
    return kept;
  };
  const before: BusyLedger['before'] = [];
  for (const part of [0.25, 0.5, 0.75]) {
    floor.work(Math.floor(size * part));
    const kept = keepCheckpoint();
    floor.book.checkpoint();
    const copy = join(folder, `ledger-${kept.size}.db`);
    copyFileSync(file, copy);
    before.push({ ...kept, file: copy });
    // Two checkpoints that are kept for good are an hour apart.
    floor.wait(2 * 60 * 60 * 1000);
  }
  floor.work(size);
  const { note } = keepCheckpoint();
  const last = floor.head().size;
  floor.close();
  return { file, signer, size: last, before, note };
}

export interface Floor {
  book: LedgerFile;
  head: () => { size: number; root: Uint8Array };
  /** Until the ledger has so many events. */
  work: (size: number) => void;
  wait: (ms: number) => void;
  close: () => void;
}

/** A factory floor that works at a ledger file, new or not. */
export function openFloor(file: string, dice: Dice, seed: number): Floor {
  let clock = NOON;
  const db = openForWriting(file);
  // Nothing here has to survive a power cut.
  db.pragma('synchronous = OFF');
  const book = openLedgerFile(db, () => clock, seededRandom(seed));
  const head = (): { size: number; root: Uint8Array } => {
    const row = db.prepare(`SELECT size, range FROM tree_head`).get() as { size: number; range: Uint8Array };
    return { size: row.size, root: rootOf(unpackRange(row.size, row.range)) };
  };
  const ucis = db.prepare(`SELECT uci FROM unit ORDER BY id DESC LIMIT 60`).pluck();
  const jobs = db.prepare(`SELECT id FROM print_job WHERE state IN ('queued', 'sending', 'sent')`).pluck();
  if (head().size === 0) {
    book.commit(SET_UP);
    closeEmpty(book, 'WO-2');
  }
  return {
    book,
    head,
    work(size) {
      while (head().size < size) {
        clock += 200 + dice(60_000);
        const near = { ucis: ucis.all() as string[], jobs: jobs.all() as number[] };
        book.commit(Array.from({ length: 1 + dice(8) }, () => something(dice, near)));
      }
    },
    wait: (ms) => void (clock += ms),
    close() {
      book.checkpoint();
      db.close();
    },
  };
}

const PRODUCTS = ['P0', 'P1', 'P2'];

const SET_UP: Command[] = [
  { kind: 'set-product', product: product({ id: 'P0', serialPattern: '{yy}{ww}{seq:7}' }), actor: ACTOR },
  {
    kind: 'set-product',
    product: product({ id: 'P1', serialPattern: 'ACME.{lot}.{seq:6}', repeat: 'replace' }),
    actor: ACTOR,
  },
  { kind: 'set-product', product: product({ id: 'P2', serialPattern: null, claimIdLength: 16 }), actor: ACTOR },
  { kind: 'set-work-order', workOrder: workOrder({ id: 'WO-0', product: 'P0', planned: 100_000 }), actor: ACTOR },
  {
    kind: 'set-work-order',
    workOrder: workOrder({ id: 'WO-1', product: 'P1', planned: 100_000, lot: 'L7' }),
    actor: ACTOR,
  },
  { kind: 'set-work-order', workOrder: workOrder({ id: 'WO-2', product: 'P2', planned: 9 }), actor: ACTOR },
  { kind: 'set-printer', printer: printer({ name: 'zebra' }), actor: ACTOR },
  {
    kind: 'set-printer',
    printer: { name: 'folder', kind: 'file', folder: 'out', format: 'pdf', dpi: 203 },
    actor: ACTOR,
  },
  ...['nest-0', 'nest-1', 'nest-2'].map((name, i): Command => {
    const mode = i === 0 ? 'open' : 'slot';
    const workOrders = { P0: 'WO-0', P1: 'WO-1' };
    return {
      kind: 'set-station',
      station: station({ name, mode, next: 'auto', printer: 'zebra', autoPrint: i === 1, workOrders }),
      actor: ACTOR,
    };
  }),
];

/** Closes a work order that has no units. */
function closeEmpty(book: LedgerFile, workOrder: string): void {
  book.commit([{ kind: 'begin-closing', workOrder, process: 'test', actor: ACTOR }]);
  const begun = book.size();
  const snapshot = { size: begun, root: Buffer.from(rootOf(book.head())).toString('hex') };
  const { claiming } = product({ id: 'P2' });
  const rule = { claiming };
  const figures = tally([], [], { productOf: () => rule, orderOf: () => ({}) });
  const close = { workOrder, begun, snapshot, rule, figures, signedOff: [] };
  const [outcome] = book.commit([{ ...close, kind: 'close-work-order', actor: ACTOR }]);
  if (outcome === undefined || !('answer' in outcome) || outcome.events !== 1) throw new Error('not closed');
}

const hashOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** People and programs, of which events contain only commitments. */
const ACCESS: Command[] = [
  { kind: 'set-person', name: 'ann', role: 'admin', actor: ACTOR },
  { kind: 'create-token', name: 'ci', role: 'admin', hash: hashOf(1), actor: ACTOR },
  { kind: 'revoke-token', name: 'ci', actor: ACTOR },
  { kind: 'create-token', name: 'mes', role: 'qa', hash: hashOf(2), actor: ACTOR },
  { kind: 'set-station-key', station: 'nest-0', hash: hashOf(3), actor: ACTOR },
  { kind: 'set-printer', printer: check(Printer, { name: 'pc-1', kind: 'agent' }), actor: ACTOR },
  { kind: 'set-printer-token', printer: 'pc-1', hash: hashOf(250), actor: ACTOR },
];

/** What somebody does next: much of it is refused, as on a real line. */
function something(dice: Dice, { ucis, jobs }: { ucis: string[]; jobs: number[] }): Command {
  const uci = ucis[dice(ucis.length || 1)] ?? 'JT08FFQXWQ';
  const nest = `nest-${dice(3)}`;
  const actor = ACTOR;
  const job = jobs[dice(jobs.length || 1)];
  const what = dice(100);
  if (what < 34) return ask(dice, nest);
  if (what < 36)
    return {
      kind: 'make',
      as: 'reserved',
      reservation: `roll-${dice(4)}`,
      product: 'P0',
      count: 1 + dice(5),
      strict: false,
      actor,
    };
  if (what < 38)
    return {
      kind: 'make',
      as: 'issued',
      product: PRODUCTS[dice(3)] as string,
      count: 1 + dice(3),
      strict: false,
      actor,
    };
  if (what < 44) return { kind: 'arm', station: nest, code: uci, reason: dice(2) === 0 ? 'label' : 'rework', actor };
  if (what < 50) return { kind: dice(2) === 0 ? 'next' : 'cancel', station: nest, actor };
  if (what < 62) return { kind: 'verify', station: nest, label: (dice(2) === 0 ? ucis[0] : undefined) ?? uci, actor };
  if (what < 72)
    return {
      kind: 'print',
      uci,
      printer: dice(2) === 0 ? 'zebra' : 'folder',
      copies: 1 + dice(2),
      reason: 'smudged',
      actor,
    };
  if (what < 90 && job !== undefined) {
    const to = (['sending', 'sending', 'sent', 'done', 'failed', 'unknown', 'cancelled'] as const)[
      dice(7)
    ] as 'sending';
    return { kind: 'move-print', job, to, ...(dice(3) === 0 ? { reason: 'no paper' } : {}), actor: 'system' };
  }
  if (what < 94) return { kind: dice(2) === 0 ? 'void' : 'scrap', units: [{ uci }], reason: 'drop-test', actor };
  if (what < 95) {
    const source = '192.0.2.1';
    if (dice(2) === 0)
      return { kind: 'note-report', uci, station: nest, source, products: [PRODUCTS[dice(3)] as string], identity: [] };
    return { kind: 'note-outcome', uci, station: nest, source, outcome: OUTCOMES[dice(4)] as Outcome };
  }
  if (what < 96) return { kind: 'note-bulk-read', what: 'units', filter: { attributes: true }, count: dice(50), actor };
  if (what < 98)
    return {
      kind: 'set-printer',
      printer: printer({ name: 'zebra', dpi: [203, 300, 600][dice(3)] as number }),
      actor,
    };
  return {
    kind: 'set-work-order',
    workOrder: workOrder({ id: 'WO-0', product: 'P0', planned: 100_000 + dice(9) }),
    actor,
  };
}

function ask(dice: Dice, nest: string): IssueRequest {
  const device = dice(DEVICES);
  const shown = dice(4);
  const body = {
    product: PRODUCTS[device % 3],
    ...(shown > 0 ? { mac: `${device % 2 === 0 ? '' : 'MAC '}00:11:22:33:${device >> 8}:${device & 255}` } : {}),
    ...(shown > 1 ? { uid: `uid "${device}" ß` } : {}),
    model: 'Demo-01',
  };
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const source = `192.0.2.${1 + dice(3)}`;
  return { kind: 'issue', ...readBody(bytes, DEFAULT_IDENTITY), station: nest, source, strict: false };
}
