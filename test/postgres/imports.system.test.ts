import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyFile } from '../../src/sqlite/sqlite-ledger.ts';
import { auditFile } from '../support/audit.ts';
import { importKills } from '../support/import-kills.ts';
import { importContract } from '../support/import-contract.ts';
import { begin, claim, imported, unit, uciOf } from '../support/import-steps.ts';
import { openServer, SIGNING_KEY, type Server } from '../support/postgres-server.ts';
import { openDesk, tempFolder } from '../support/service.ts';

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.stop());

const settings = async (): Promise<Record<string, string>> => ({
  CLAIMSTAMP_LEDGER: await server.database(),
  CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY,
});

importContract('PostgreSQL', settings);

importKills('PostgreSQL', {
  settings,
  fileIn: copyFile,
  // A new process copies what PostgreSQL has, so both have every unit.
  check: async (data, env) => {
    const other = await openDesk(env, tempFolder());
    expect(await imported(other)).toEqual(auditFile(copyFile(data)).ucis);
  },
});

it('an import of a process that was lost is completed by another process, but not before a minute', async () => {
  const env = await settings();
  const lost = await openDesk(env);
  const units = [unit(0), unit(1)];
  await claim(lost, 'import-1', units);
  await begin(lost, 'import-1', units);
  const other = await openDesk(env, tempFolder());
  expect(await imported(other)).toEqual([]);
  expect((await other.agent({ product: 'DEMO', uid: 'mac-1' })).status).toBe(503);
  const later = await openDesk(env, tempFolder(), () => Date.now() + 61_000);
  expect(await imported(later)).toEqual([uciOf(0), uciOf(1)]);
  expect((await other.agent({ product: 'DEMO', uid: 'mac-1' })).body.id).toBe(uciOf(1));
  // A process that was only slow records nothing twice.
  const late = await lost.house.ledger.record({ kind: 'record-units', import: 'import-1' });
  expect(late).toEqual({ imported: 2 });
  expect(await imported(lost)).toHaveLength(2);
});
