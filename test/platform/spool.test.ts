import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isCode } from '../../src/platform/error.ts';
import { openSpool, SERVICE, type Order, type Spool } from '../../src/platform/spool.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { openForWriting } from '../../src/sqlite/open.ts';
import { tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';

/* The child is that of an export, over an empty ledger: it asks for a checkpoint first, and works once it has one. */

const data = tempFolder();
openForWriting(ledgerFile(data)).close();

const never = (): Promise<object> => new Promise(() => {});
const children: AbortController[] = [];
afterAll(() => children.forEach((child) => child.abort()));

let asked = 0;
function order(answer: Order['answer'], signal?: AbortSignal, by = `asker-${asked++}`): Order {
  const job = { of: 'units', format: 'csv', filter: {} };
  return {
    by,
    entry: 'jobs/make-export-child.js',
    ending: 'csv',
    task: (out) => ({ ledger: ledgerFile(data), out, job, made: '', origin: '', publicKey: '' }),
    ...(answer ? { answer } : {}),
    ...(signal ? { signal } : {}),
  };
}

describe('a file of the spool', () => {
  const folder = join(data, 'spool');
  const left = (): string[] => (existsSync(folder) ? readdirSync(folder) : []);
  const make = (spool: Spool, answer?: Order['answer'], signal?: AbortSignal, by?: string): Promise<unknown> =>
    spool.make(order(answer, signal, by)).then(({ file }) => file.close());
  /** An order that occupies the spool and does not end by itself. */
  const endless = (spool: Spool, by?: string): Promise<unknown> => {
    const child = new AbortController();
    children.push(child);
    return make(spool, never, child.signal, by).catch(() => {});
  };
  const refusedAs = (code: Parameters<typeof isCode>[1]) => (error: unknown) => isCode(error, code);

  it('is handed out when it is complete, and has no name then', async () => {
    const spool = openSpool(folder);
    const { file, bytes, made } = await spool.make<{ rows: number }>(order(async () => ({ note: 'signed' })));
    expect(left()).toEqual([]);
    const text = await file.readFile('utf8');
    await file.close();
    expect({ bytes, rows: made.rows }).toEqual({ bytes: text.length, rows: 0 });
    expect(text).toMatch(/^seq,uci,[a-z_,]+\r\n$/);
  });

  it('is given up, and its child ended, when nobody waits for it any more', async () => {
    const spool = openSpool(folder);
    const asker = new AbortController();
    let asked = false;
    const making = make(
      spool,
      () => {
        asked = true;
        return never();
      },
      asker.signal,
    );
    await until(async () => asked || undefined);
    asker.abort();
    await expect(making).rejects.toThrow('the request was aborted');
    await expect(make(spool, async () => ({ note: '' }), AbortSignal.abort())).rejects.toThrow('aborted');
    expect(left()).toEqual([]);
  });

  it('is given up when what its child asks is refused', async () => {
    const spool = openSpool(folder);
    await expect(make(spool, () => Promise.reject(new Error('no checkpoint')))).rejects.toThrow('no checkpoint');
    await expect(make(spool)).rejects.toThrow('the caller gave no');
    expect(left()).toEqual([]);
  });

  it("is given up where it would take the line's own room on the disk", async () => {
    const spool = openSpool(folder, { sparedBytes: Number.MAX_SAFE_INTEGER });
    await expect(make(spool, never)).rejects.toSatisfy(refusedAs('disk-full'));
  });

  it('is an error where its child fails or dies', async () => {
    const spool = openSpool(folder);
    const task = (out: string): object => ({ ...order(never).task(out), ledger: join(data, 'none.db') });
    await expect(spool.make({ ...order(never), task })).rejects.toThrow(/unable to open database file/);
    await expect(spool.make({ ...order(never), entry: 'jobs/none.js' })).rejects.toThrow(/ended unexpectedly \(1\)/);
  });

  it('waits for its turn behind two others, at most fifty wait, and who leaves hands the turn on', async () => {
    const spool = openSpool(folder);
    const first = new AbortController();
    const running = [make(spool, never, first.signal).catch(() => 'left'), endless(spool)];
    const leaving = new AbortController();
    const left = make(spool, never, leaving.signal);
    const next = make(spool, async () => ({ note: '' })).then(() => 'made');
    for (let i = 0; i < 48; i++) void endless(spool);
    await expect(make(spool, never)).rejects.toSatisfy(refusedAs('busy'));
    leaving.abort();
    first.abort();
    await expect(left).rejects.toThrow('aborted');
    expect(await running[0]).toBe('left');
    expect(await next).toBe('made');
  });

  it('of one asker takes one place, so the other is free for somebody else', async () => {
    const spool = openSpool(folder);
    for (let i = 0; i < 5; i++) void endless(spool, 'person:lin');
    await make(spool, async () => ({ note: '' }), undefined, 'person:mo');
    await make(spool, async () => ({ note: '' }), undefined, 'person:mo');
  });

  it('waits in turn with other askers, and the service itself is next', async () => {
    const spool = openSpool(folder);
    const holding = ['a', 'b'].map((by) => {
      const child = new AbortController();
      void make(spool, never, child.signal, by).catch(() => {});
      return child;
    });
    const made: string[] = [];
    const one = (by: string): Promise<unknown> => make(spool, async () => (made.push(by), { note: '' }), undefined, by);
    const all = [one('a'), one('a'), one('c'), one('c'), one('d'), one(SERVICE)];
    holding[0]?.abort();
    await Promise.all(all);
    expect(made).toEqual([SERVICE, 'a', 'c', 'd', 'a', 'c']);
    holding[1]?.abort();
  });

  it('is refused when its asker has ten others waiting, and others may still wait', async () => {
    const spool = openSpool(folder);
    for (let i = 0; i < 11; i++) void endless(spool, 'person:lin');
    void endless(spool, 'person:mo');
    await expect(make(spool, never, undefined, 'person:lin')).rejects.toSatisfy(refusedAs('busy'));
    void endless(spool, 'person:ann');
  });
});
