import { setImmediate as turn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { auditFile } from './audit.ts';
import { toImport } from './import-steps.ts';
import { ADMIN_TOKEN, startService, tempFolder, type Service } from './service.ts';

const UNITS = 6000;

interface Answer {
  status: number;
  body: { imported?: number; type?: string };
}

async function send(service: Service, units: object[]): Promise<Answer> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'idempotency-key': 'killed' };
  const init = { method: 'POST', headers, body: JSON.stringify({ units }) };
  const answer = await fetch(`${service.url}/v1/units/import`, init);
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

/** Agents of many devices ask until the service is gone. Returns their Claim IDs. */
async function askUntilGone(service: Service): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; ; n++) {
    const body = JSON.stringify({ product: 'DEMO', mac: `agent-${n}` });
    const answer = await fetch(`${service.url}/ioto/serialize`, { method: 'POST', body }).catch(() => undefined);
    const text = await answer?.text().catch(() => undefined);
    if (answer === undefined || text === undefined) return ids;
    expect(answer.status).toBe(200);
    ids.push((JSON.parse(text) as { id: string }).id);
  }
}

/** The moments of the kills, by what the ledger says: the parts that are stored, and whether the import has begun. */
const MOMENTS: [name: string, isNow: (parts: number, begun: boolean) => boolean, outcome: number[]][] = [
  ['while units are claimed', (parts, begun) => parts >= 3 && !begun, [0, UNITS]],
  ['after the import has begun', (_parts, begun) => begun, [UNITS]],
  ['while units are recorded', (parts, begun) => begun && parts < 20, [UNITS]],
  ['before the last part', (parts, begun) => begun && parts <= 2, [UNITS]],
];

async function untilNow(file: string, isNow: (parts: number, begun: boolean) => boolean): Promise<void> {
  const db = new Database(file, { readonly: true });
  const read = db.prepare<[], { parts: number; row: string | null }>(
    `SELECT (SELECT count(*) FROM import_part) AS parts, (SELECT row FROM import) AS row`,
  );
  for (;;) {
    const { parts, row } = read.get() ?? { parts: 0, row: null };
    if (row !== null && isNow(parts, row.includes('"begun":'))) break;
    await turn();
  }
  db.close();
}

export interface Killed {
  settings: () => Promise<Record<string, string>>;
  /** The ledger, or the copy of a shared ledger, in the data folder. */
  fileIn: (data: string) => string;
  /** Checks the ledger after the service has ended. */
  check: (data: string, env: Record<string, string>) => Promise<void>;
}

/** What every store keeps to when the service is killed during a large import. */
export function importKills(store: string, { settings, fileIn, check }: Killed): void {
  it.each(MOMENTS)(
    `a kill -9 %s over ${store} leaves none or all of the units of an import, and the same key gets its answer`,
    async (_name, isNow, outcome) => {
      const data = tempFolder();
      const env = await settings();
      const units = toImport(0, UNITS);
      const service = await startService(data, env);
      const importing = send(service, units).catch(() => undefined);
      const asking = askUntilGone(service);
      await untilNow(fileIn(data), isNow);
      await service.end('SIGKILL');
      await importing;
      const ids = await asking;
      // The start completes the import or drops its claims.
      const again = await startService(data, env);
      const mine = new Set(units.map(({ uci }) => uci));
      const there = auditFile(fileIn(data)).ucis;
      expect(outcome).toContain(there.filter((uci) => mine.has(uci)).length);
      expect(new Set(there).size).toBe(there.length);
      for (const id of ids) expect(there).toContain(id);
      for (let i = 0; i < 2; i++) expect(await send(again, units)).toEqual({ status: 201, body: { imported: UNITS } });
      expect(auditFile(fileIn(data)).ucis.filter((uci) => mine.has(uci))).toHaveLength(UNITS);
      await again.end('SIGTERM');
      await check(data, env);
    },
    120_000,
  );
}
