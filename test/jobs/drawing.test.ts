import { afterAll, describe, expect, test } from 'vitest';
import { openDrawingThread, type Drawing } from '../../src/jobs/drawing/drawing.ts';
import { newProduct } from '../../src/model/product.ts';

const LIMIT_MS = 5000;
const thread = openDrawingThread(LIMIT_MS);
afterAll(() => thread.close());

const label = { data: { uci: 'JT08FFQXWQ', product: 'P', qr: 'JT08FFQXWQ', serial: 'A-1' }, product: newProduct('P') };

function drawing(copies: number): Drawing & { kind: 'one' } {
  return { kind: 'one', label, format: 'pdf', choice: { copies } };
}

describe('a label that takes too long', () => {
  test('is refused, and the labels that wait behind it are drawn by a new thread', async () => {
    const slow = thread.ask(drawing(1_000_000));
    const next = thread.ask(drawing(1));
    await expect(slow).rejects.toThrow('took longer than 5 s to draw');
    expect(Buffer.from(await next).toString('latin1')).toMatch(/^%PDF/);
  });
});

test('a refusal comes back with its words, so that it can be translated', async () => {
  const order: Drawing = { kind: 'one', label, format: 'zpl', choice: { template: 'none-such' } };
  await expect(thread.ask(order)).rejects.toMatchObject({ code: 'not-found', words: { key: 'not-found/template' } });
});

test('a picture that does not exist is refused by name', async () => {
  await expect(thread.ask({ kind: 'picture', file: 'none.svg' })).rejects.toThrow('there is no picture "none.svg"');
});
