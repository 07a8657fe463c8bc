import { expect, it } from 'vitest';
import { systemRandom } from '../../src/model/claim-id.ts';
import { openLedgerFile } from '../../src/sqlite/ledger-file.ts';
import { openForWriting } from '../../src/sqlite/open.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import type { Make } from '../../src/decide/make-units.ts';
import { NOON } from '../support/map-ledger.ts';
import { tempFolder } from '../support/service.ts';

it('an error inside one decision fails that command alone, in one transaction with the others', () => {
  const db = openForWriting(ledgerFile(tempFolder()));
  const ledger = openLedgerFile(db, () => NOON, systemRandom);
  const make: Make = { kind: 'make', as: 'issued', product: 'DEMO', count: 1, strict: false, actor: 'local' };
  const broken = { ...make, product: Symbol('no name') } as unknown as Make;
  const [first, failed, last] = ledger.commit([make, broken, make]);
  expect(first).toHaveProperty('answer');
  expect(failed).toMatchObject({ refused: { code: 'ledger-unavailable' }, fault: expect.stringContaining('Error') });
  expect(last).toHaveProperty('answer');
  expect(ledger.size()).toBe(3);
  db.close();
});
