import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach } from 'vitest';
import { openExchange, type Exchange, type ExchangeOptions } from '../../src/jobs/orders/exchange-files.ts';
import { openSpool } from '../../src/platform/spool.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { openDesk, tempFolder, type Desk } from './service.ts';

export const AT = Date.UTC(2026, 10, 30, 20, 15);

const desks: Desk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
});

interface Order {
  id: string;
  planned: number;
}

/** An ERP that knows only files. */
export interface Erp {
  desk: Desk;
  exchange: Exchange;
  folder: string;
  /** The service is held. */
  held: boolean;
  /** Called before a work order is recorded. */
  beforeRecord: () => void;
  /** Writes a file into `inbox`, complete at once. */
  write: (name: string, content: string | Buffer) => void;
  /** The service looks until it takes what has not changed. */
  taken: () => Promise<void>;
  /** Opens the exchange again, as after a restart of the service. */
  restart: () => void;
  names: (place: string) => string[];
  text: (place: string, end?: string) => string;
  /** The lines of the newest file in `outbox`, by work order. */
  counts: () => Promise<Record<string, Record<string, string>>>;
  orders: () => Promise<Order[]>;
}

export async function openErp(): Promise<Erp> {
  const desk = await openDesk();
  desks.push(desk);
  await desk.ask('PUT', '/v1/products/PRODUCT-1', { code: 'TH1' });
  const folder = tempFolder();
  let told = 0;
  const options: ExchangeOptions = {
    folder,
    data: desk.data,
    file: ledgerFile(desk.data),
    everyMs: 0,
    ledger: {
      feed: (page) => desk.house.ledger.feed(page),
      record(command) {
        erp.beforeRecord();
        return desk.house.ledger.record(command);
      },
    },
    inFile: [{ id: 'FIXED' }],
    spool: openSpool(join(desk.data, 'spool-of-test')),
    isHeld: () => erp.held,
    log: pino({ level: 'silent' }),
    now: () => AT + 1000 * told++,
  };
  const names = (place: string): string[] => readdirSync(join(folder, place)).toSorted();
  const erp: Erp = {
    desk,
    exchange: openExchange(options),
    folder,
    held: false,
    beforeRecord: () => {},
    write: (name, content) => writeFileSync(join(folder, 'inbox', name), content),
    async taken() {
      await erp.exchange.take();
      await erp.exchange.take();
    },
    restart() {
      erp.exchange = openExchange(options);
    },
    names,
    text(place, end = '.csv') {
      const last = names(place).findLast((name) => name.endsWith(end));
      return readFileSync(join(folder, place, last ?? 'missing'), 'utf8');
    },
    async counts() {
      await erp.exchange.tell();
      const [head = '', ...lines] = erp.text('outbox').trim().split('\r\n');
      const columns = head.split(',');
      const rows = lines.map((line) =>
        Object.fromEntries(line.split(',').map((cell, at) => [columns[at] ?? '', cell.replace(/^"|"$/g, '')])),
      );
      return Object.fromEntries(rows.map((row) => [row['reference'] ?? '', row]));
    },
    async orders() {
      const { body } = await desk.ask<{ workOrders: Order[] }>('GET', '/v1/work-orders');
      return body.workOrders.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    },
  };
  await erp.exchange.take();
  return erp;
}
