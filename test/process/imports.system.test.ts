import { expect } from 'vitest';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { importKills } from '../support/import-kills.ts';

importKills('SQLite', {
  settings: async () => ({}),
  fileIn: ledgerFile,
  check: async (data) => expect(await verifyLedger(ledgerFile(data))).toMatchObject({ ok: true }),
});
