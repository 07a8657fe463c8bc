import { maskedUnit } from '../model/masking.ts';
import type { Unit } from '../model/unit.ts';
import type { Principal } from './auth.ts';
import type { Services } from './services.ts';

/** If a person views the same unit several times within this time (ms), only the first view is recorded. */
const AGAIN_MS = 60 * 60 * 1000;

/**
 * The maximum number of remembered views. If there are more, the oldest views are forgotten, so the same view could be
 * recorded twice.
 */
const MAX_KEPT = 10_000;

/**
 * Returns a function that records that a person viewed a unit with its complete Claim ID. Records this only if the
 * site's settings ask for it. Views by auditors, kiosks and programs are not recorded. Auditors get only a masked Claim
 * ID, a kiosk is not a person, and a program already knows the Claim ID that it asks for. The answer waits until the
 * view is recorded. If the view cannot be recorded, it is refused.
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
