import { ACCESS_EVENTS, type EventType } from '../event-data.ts';
import type { Event } from '../event.ts';

/*
 * The contents of the table `access_event`. The events in this table record what people and programs do apart from the
 * production line's normal work. `exported` and `reprinted` are not event types. `exported` is a `bulk-read` event for
 * a file that left the service, and `reprinted` is a `print-queued` event for a label that was reprinted.
 */

/**
 * `first-printed` has no row in `access_event`, because every unit has a first label. First labels are read from the
 * print jobs instead.
 */
export type AuditedType = EventType | 'exported' | 'reprinted' | 'first-printed';

/** The events about access. The restore of a backup is included, because a restore makes credentials invalid. */
export const ABOUT_ACCESS = [...ACCESS_EVENTS, 'access-restored'] as const satisfies EventType[];

export const AUDIT_KINDS = {
  read: ['bulk-read'],
  exported: ['exported'],
  reprinted: ['reprinted'],
  changed: [
    'product-set',
    'product-removed',
    'station-removed',
    'printer-removed',
    'work-order-removed',
    'station-set',
    'printer-set',
    'work-order-set',
    'work-order-closed',
    'work-order-reopened',
    'template-saved',
    'template-approved',
    'template-approval-asked',
    'template-approval-revoked',
    'template-removed',
    'logo-saved',
    'logo-removed',
    'shipping-list-set',
    'shipping-list-closed',
    'ledger-accepted',
    'clock-accepted',
    'void',
    'scrapped',
    'exception-closed',
    'sample-released',
    'reference-set',
    'webhook-set',
  ],
  access: ABOUT_ACCESS,
} as const satisfies Record<string, readonly AuditedType[]>;
export type AuditKind = keyof typeof AUDIT_KINDS;

/** Every unit has an entry of this kind, so the audit lists such entries only if a person asks for this kind. */
export const FIRST_PRINTS = 'printed' as const;

export const AUDITED: readonly AuditedType[] = Object.values(AUDIT_KINDS).flat();

const AUDITED_SET: ReadonlySet<string> = new Set(AUDITED);

/**
 * The kinds of `bulk-read` that are about a file. All other kinds of `bulk-read` are lists that a person or a program
 * read.
 */
const FILES: ReadonlySet<string> = new Set(['export', 'backup']);

/** Returns the event's name in the audit, or undefined if the audit does not list the event. */
export function auditedAs(event: Event): AuditedType | undefined {
  if (event.type === 'bulk-read') return FILES.has(event.data.what) ? 'exported' : 'bulk-read';
  if (event.type === 'print-queued') return event.data.reprint === undefined ? undefined : 'reprinted';
  return AUDITED_SET.has(event.type) || event.type === 'drill-held' ? event.type : undefined;
}

/** The fields of a `bulk-read` event's filter that may contain a Claim ID or the beginning of one. */
export const UNSHOWN_IN_FILTERS: ReadonlySet<string> = new Set([
  'prefix',
  'uci',
  'find',
  'identity',
  'serial',
  'attributes',
]);
