import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { badgeActor, operatorOf } from '../../src/decide/badge.ts';
import { device, openLine, refusal, type MapLedger } from '../support/map-ledger.ts';

const actor = 'admin';
const MINUTE = 60_000;
const IDLE_MS = 30 * MINUTE;
const hashOf = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();
const screen = hashOf('cookie of the screen');

/** A kiosk at the station, and two people with badges. */
function openKiosk(): MapLedger {
  const line = openLine();
  const expiresAt = line.clock() + 24 * 60 * MINUTE;
  line.record({ kind: 'invite', name: 'default', kiosk: true, hash: hashOf('link'), expiresAt, actor });
  line.record({ kind: 'use-link', hash: hashOf('link'), session: { hash: screen, expiresAt } });
  setBadge(line, 'olga', 'OP-0001');
  setBadge(line, 'pavel', 'OP-0002');
  return line;
}
const setBadge = (line: MapLedger, name: string, badge: string | null) =>
  line.record({ kind: 'set-person', name, role: 'operator', badge, actor });
const scan = (line: MapLedger, badge: string, hash = screen) => line.record({ kind: 'use-badge', hash, badge });
const operator = (line: MapLedger): string | undefined => {
  const session = line.seen.credential(screen);
  return session && operatorOf(session, line.clock(), IDLE_MS);
};

describe('a badge', () => {
  test('names the operator of a kiosk until the next one is scanned', () => {
    const line = openKiosk();
    expect(operator(line)).toBeUndefined();
    expect(scan(line, 'OP-0001')).toEqual({ operator: 'olga' });
    expect(operator(line)).toBe('olga');
    scan(line, 'op-0002');
    expect(operator(line)).toBe('pavel');
  });

  test('names nobody any more once nothing was done for a while', () => {
    const line = openKiosk();
    scan(line, 'OP-0001');
    line.setClock(line.clock() + IDLE_MS - 1);
    expect(operator(line)).toBe('olga');
    line.record({ kind: 'touch', hash: screen, operator: true });
    line.setClock(line.clock() + IDLE_MS - 1);
    expect(operator(line)).toBe('olga');
    // The screen looks by itself: that keeps its session, and no operator.
    line.record({ kind: 'touch', hash: screen });
    line.setClock(line.clock() + 1);
    expect(operator(line)).toBeUndefined();
  });

  test('that nobody has, or whose person was removed, names nobody', () => {
    const line = openKiosk();
    expect(refusal(() => scan(line, 'OP-0003'))).toBe('badge-unknown');
    line.record({ kind: 'remove-person', name: 'olga', actor });
    expect(refusal(() => scan(line, 'OP-0001'))).toBe('badge-unknown');
    setBadge(line, 'pavel', null);
    expect(refusal(() => scan(line, 'OP-0002'))).toBe('badge-unknown');
  });

  test('opens nothing where somebody has signed in', () => {
    const line = openKiosk();
    const cookie = hashOf('cookie of lin');
    const expiresAt = line.clock() + MINUTE;
    setBadge(line, 'lin', 'OP-0003');
    line.record({ kind: 'invite', name: 'lin', hash: hashOf('link of lin'), expiresAt, actor });
    line.record({ kind: 'use-link', hash: hashOf('link of lin'), session: { hash: cookie, expiresAt }, password: 'p' });
    expect(refusal(() => scan(line, 'OP-0001', cookie))).toBe('badge-needs-kiosk');
    expect(refusal(() => scan(line, 'OP-0001', hashOf('nothing')))).toBe('badge-needs-kiosk');
  });

  test('is one person’s, and no label’s', () => {
    const line = openKiosk();
    expect(refusal(() => setBadge(line, 'pavel', 'OP-0001'))).toBe('badge-taken');
    expect(refusal(() => setBadge(line, 'pavel', 'op/0001'))).toBe('badge-taken');
    expect(refusal(() => setBadge(line, 'pavel', 'with space'))).toBe('invalid');
    const { uci, serial } = line.record(device());
    expect(refusal(() => setBadge(line, 'pavel', uci.toLowerCase()))).toBe('badge-taken');
    expect(refusal(() => setBadge(line, 'pavel', serial as string))).toBe('badge-taken');
    line.record({ kind: 'remove-person', name: 'olga', actor });
    setBadge(line, 'pavel', 'OP-0001');
    expect(scan(line, 'OP-0001')).toEqual({ operator: 'pavel' });
  });

  test('stays when only the role changes, and is in no event', () => {
    const line = openKiosk();
    line.record({ kind: 'set-person', name: 'olga', role: 'qa', actor });
    expect(scan(line, 'OP-0001')).toEqual({ operator: 'olga' });
    expect(JSON.stringify(line.lines)).not.toContain('OP-0001');
  });

  test('stands in the ledger behind the screen', () => {
    expect([badgeActor('line-1', undefined), badgeActor('line-1', 'olga')]).toEqual([
      'kiosk:line-1',
      'kiosk:line-1/olga',
    ]);
  });
});
