import { maskedUnit } from '../model/masking.ts';
import type { Unit } from '../model/unit.ts';
import type { Principal } from './auth.ts';
import type { Services } from './services.ts';

/** A person who looks at one unit again within this time (ms) is recorded once. */
const AGAIN_MS = 60 * 60 * 1000;

/** The most views that are remembered. Beyond them, the oldest are forgotten, and may be recorded again. */
const MAX_KEPT = 10_000;

/**
 * Returns a function that records that a person looked at one unit with its Claim ID, if the site wants this. An auditor
 * gets a masked Claim ID, a kiosk is no person, and programs already have the Claim ID for which they ask. The answer
 * waits for the ledger: what cannot be recorded is not shown.
 */
export function openViews({ ledger, config, now }: Pick<Services, 'ledger' | 'config' | 'now'>) {
  const kept = new Map<string, number>();
  return async ({ actor, session, kiosk, auditor }: Principal, unit: Unit): Promise<void> => {
    if (config.auditViews === 'off' || session === undefined || kiosk !== undefined || auditor !== undefined) return;
    const view = `${unit.id} ${actor}`;
    const last = kept.get(view);
    if (last !== undefined && Math.abs(now() - last) < AGAIN_MS) return;
    const filter = { unit: maskedUnit(unit) };
    await ledger.record({ kind: 'note-bulk-read', what: 'unit', filter, count: 1, actor });
    kept.delete(view);
    kept.set(view, now());
    const [oldest] = kept.keys();
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  };
}
