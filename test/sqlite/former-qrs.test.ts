import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAX_FORMER_QRS } from '../../src/model/product.ts';
import { openDesk, tempFolder } from '../support/service.ts';

/* Labels that were printed with an earlier QR content of a product stay readable. */

const FIRST = 'https://old.example.com/c/{uci}';

it('a label with an earlier QR content of its product passes, also after an upgrade of the ledger', async () => {
  const data = tempFolder();
  const desk = await openDesk({}, data);
  const set = (id: string, settings: object) => desk.ask('PUT', `/v1/products/${id}`, settings);
  const scan = async (label: string) => (await desk.ask<object>('POST', '/v1/stations/default/verify', { label })).body;
  await set('DEMO', { qr: 'https://never.example.com/"{uci}"' });
  await set('DEMO', { qr: FIRST, serialPattern: 'none' });
  const { id } = (await desk.agent({ product: 'DEMO', mac: 'm-1' })).body;
  await set('DEMO', { qr: 'https://new.example.com/{uci}?a="b\\c"' });
  expect(await scan(FIRST.replace('{uci}', id))).toMatchObject({ result: 'PASS', uci: id });
  // A content that no unit had is no label of the product.
  expect(await scan(`https://never.example.com/"${id}"`)).toMatchObject({ result: 'FAIL' });
  await set('DEMO', { qr: 'https://nuevo.example.com/ñ/{uci}' });
  await set('OTHER', { qr: FIRST });
  const { body } = await desk.ask<Record<string, unknown>>('GET', '/v1/products');
  expect(JSON.stringify(body)).not.toContain('"qrs"');

  for (let n = 0; n < MAX_FORMER_QRS; n++) await set('MANY', { qr: `https://x.example.com/${n}/{uci}` });
  await desk.agent({ product: 'MANY', mac: 'm-2' });
  for (const n of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 10]) await set('MANY', { qr: `https://x.example.com/${n}/{uci}` });
  await desk.close();

  const db = new Database(join(data, 'ledger.db'));
  const settings = db.prepare<[], { name: string; settings: string }>(
    `SELECT name, settings FROM product ORDER BY name`,
  );
  const projected = settings.all();
  const qrsOf = (name: string): unknown =>
    (JSON.parse(projected.find((one) => one.name === name)?.settings ?? '{}') as { qrs?: unknown }).qrs;
  expect(qrsOf('DEMO')).toEqual([FIRST, 'https://new.example.com/{uci}?a="b\\c"']);
  expect(qrsOf('OTHER')).toBeUndefined();
  expect(qrsOf('MANY')).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 3].slice(-8).map((n) => `https://x.example.com/${n}/{uci}`));
  // The rows as a version before this one left them.
  db.exec(`UPDATE product SET settings = json_remove(settings, '$.qrs');
    DELETE FROM migration WHERE name = '0028_former_qrs.sql'`);
  db.close();
  await (await openDesk({}, data)).close();
  const upgraded = new Database(join(data, 'ledger.db'), { readonly: true });
  expect(upgraded.prepare(`SELECT name, settings FROM product ORDER BY name`).all()).toEqual(projected);
  upgraded.close();
});
