import { expect } from 'vitest';
import { processOf } from '../../src/jobs/orders/close-order.ts';
import type { ImportedUnit } from '../../src/model/imports/imported-unit.ts';
import { ADMIN_TOKEN, type Desk } from './service.ts';

/* The steps of an import in parts, one by one. */

export const uciOf = (n: number): string => `0000${String(n).padStart(6, '0')}`;

interface ToImport {
  place: string;
  uci: string;
  device: object;
  serial?: string;
}

export function toImport(from: number, count: number): ToImport[] {
  return Array.from({ length: count }, (_, i) => ({
    place: `line ${from + i}`,
    uci: uciOf(from + i),
    device: { product: 'DEMO', uid: `mac-${from + i}` },
  }));
}

export function first<T>([one]: T[]): T {
  if (one === undefined) throw new Error('the list is empty');
  return one;
}

/** The unit as the route reads it. */
export function unit(n: number): ImportedUnit {
  const mac = `mac-${n}`;
  return {
    place: `line ${n}`,
    uci: uciOf(n),
    product: 'DEMO',
    identity: [['uid', mac]],
    attributes: JSON.stringify({ product: 'DEMO', uid: mac }),
  };
}

export async function send(desk: Desk, body: object, key?: string): Promise<{ status: number; text: string }> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, ...(key === undefined ? {} : { 'idempotency-key': key }) };
  const answer = await desk.app.request('/v1/units/import', { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, text: await answer.text() };
}

/** The Claim IDs of imported units, in the order of the file. */
export async function imported(desk: Desk): Promise<string[]> {
  const ucis: string[] = [];
  for (let after: number | null = 0; after !== null;) {
    const page: Awaited<ReturnType<Desk['house']['ledger']['units']>> = await desk.house.ledger.units({
      after,
      limit: 500,
    });
    ucis.push(...page.units.map(({ uci }) => uci));
    after = page.next;
  }
  return ucis;
}

const hashes = new WeakMap<Desk, string[]>();
const ACTOR = { strict: false, site: undefined, actor: 'test' };

export function claimOf(desk: Desk, id: string, units: ImportedUnit[], part = 0, more: object = {}) {
  const process = processOf(desk.data);
  const same = { kind: 'claim-units', import: id, process, as: 'issued', total: units.length, room: 20 } as const;
  return { ...same, part, units, ...ACTOR, ...more };
}

export async function claim(desk: Desk, id: string, units: ImportedUnit[], part = 0, more: object = {}): Promise<void> {
  const claimed = await desk.house.ledger.record(claimOf(desk, id, units, part, more));
  if ('imported' in claimed) throw new Error('the import has ended');
  expect(claimed.problems).toEqual([]);
  hashes.set(desk, [...(hashes.get(desk) ?? []), ...claimed.hashes]);
}

export async function begin(desk: Desk, id: string, units: ImportedUnit[]): Promise<void> {
  const named = units.map(({ place, product, workOrder }) => ({
    place,
    product,
    ...(workOrder === undefined ? {} : { workOrder }),
  }));
  const parts = hashes.get(desk) ?? [];
  await desk.house.ledger.record({ kind: 'begin-import', import: id, named, hashes: parts, ...ACTOR });
}
