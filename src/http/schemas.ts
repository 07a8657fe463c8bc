import type { Language } from '../../words/sentence.ts';
import { saidIn } from './problems.ts';
import { z } from 'zod';
import { PERMISSIONS, TOKEN_ROLES } from '../model/role.ts';
import type { Part } from '../model/figures.ts';
import { PersonSettings } from '../model/person.ts';
import { Printer, PRINTER_SETTINGS } from '../model/printer.ts';
import { Name, ProductId, ProductSettings } from '../model/product.ts';
import { patchOf } from '../model/settings.ts';
import { StationDefinition, StationSettings } from '../model/station.ts';
import { STOPS, UNREAD } from '../model/shipping/stop.ts';
import type { Refusal as RefusalNote } from './refusals.ts';
import { WorkOrderDefinition, WorkOrderSettings, type WorkOrder } from '../model/work-order.ts';
import { keysOf } from '../platform/own.ts';

/*
 * The answers of the API, and the parameters that several operations share. `meta.id` names a schema in /openapi.json.
 * A test calls every operation with the examples.
 */

/* Parameters */

export const Uci = z.string().meta({
  description: 'A Claim ID as people type it: uppercase or lowercase, with hyphens or spaces, O for 0, I or L for 1',
  examples: ['JT08FFQXWQ'],
});
export const UnitParams = z.object({ uci: Uci });
export const StationParams = z.object({ name: Name.meta({ description: 'A station', examples: ['line-1'] }) });
export const PrinterParams = z.object({ name: Name.meta({ description: 'A printer', examples: ['zebra-1'] }) });
export const ProductParams = z.object({ id: ProductId.meta({ examples: ['01H4R15D3478JD26YDYK408XE6'] }) });
export const TokenParams = z.object({ name: Name.meta({ description: 'A token', examples: ['ci'] }) });
export const PersonParams = z.object({ name: Name.meta({ description: 'A person', examples: ['lin'] }) });
export const WorkOrderParams = z.object({ id: Name.meta({ description: 'A work order', examples: ['WO-1'] }) });
export const Limit = z.coerce.number().int().min(1).max(1000);
export const After = z.coerce.number().int().min(0).default(0).meta({ description: '`next` of the page before' });
/** The parameter for the next page of a list that begins with the newest entry. */
export const Before = z.coerce
  .number()
  .int()
  .min(1)
  .default(Number.MAX_SAFE_INTEGER)
  .meta({ description: '`next` of the page before' });
export const Next = z.int().nullable().meta({ description: '`after` of the next page; null after the last' });

/* Answers */

/** A time in UTC (RFC 3339). */
export const Time = z.iso.datetime();

export function shownTime(ms: number): string;
export function shownTime(ms: number | undefined): string | undefined;
export function shownTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

export const EventAnswer = z
  .object({
    seq: z.int(),
    at: Time,
    type: z.string(),
    uci: z.string().optional(),
    actor: z.string(),
    station: z.string().optional(),
    work_order: z.string().optional(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Event', description: 'One event of the ledger' });

export const MadeAnswer = z
  .object({
    units: z.array(
      z.object({
        uci: z.string(),
        serial: z.string().optional(),
        numbers: z
          .record(z.string(), z.string())
          .optional()
          .meta({ description: "Numbers from the product's pools, such as `mac`" }),
      }),
    ),
    over: z.int().optional().meta({ description: 'Units above the planned quantity of the work order' }),
  })
  .meta({ id: 'MadeUnits' });

export const StationAnswer = z.object({ station: z.string(), uci: z.string().optional() }).meta({ id: 'StationMoved' });

const VerifiedBefore = z
  .object({ station: z.string().optional(), at: Time })
  .optional()
  .meta({ description: 'If the label was already verified: where and when' });

const ListCount = z.object({ id: z.string(), count: z.int(), target: z.int() });
const GATE_UNIT = {
  uci: z.string().optional().meta({ description: 'Masked at a kiosk, unless the Claim ID was scanned' }),
  serial: z.string().optional(),
};

export const VerifyAnswer = z
  .discriminatedUnion('result', [
    z.object({ result: z.literal('PASS'), uci: z.string(), serial: z.string().optional() }),
    z
      .object({
        result: z.literal('ALREADY'),
        reason: z.string(),
        verified: VerifiedBefore,
        ...GATE_UNIT,
        list: ListCount.optional(),
      })
      .meta({
        description:
          'The label of a unit that has already passed here. This says nothing about the device in the nest. At a gate: the unit is already on the shipping list `list`, and counts only once',
      }),
    z
      .object({ result: z.literal('SHIP'), ...GATE_UNIT, list: ListCount })
      .meta({ description: 'At a gate: the unit is now on the shipping list' }),
    z
      .object({
        result: z.literal('STOP'),
        reason: z.string(),
        reasonCode: z.enum([...keysOf(STOPS), ...keysOf(UNREAD)]),
        reasons: z.array(z.object({ code: z.enum(keysOf(STOPS)), reason: z.string(), detail: z.string().optional() })),
        read: z
          .string()
          .optional()
          .meta({ description: 'The code as it was read, without the characters that the scanner added' }),
        ...GATE_UNIT,
        list: ListCount.optional(),
      })
      .meta({
        description:
          'At a gate: the unit must not leave. `reasons` contains all reasons, the most serious first. `reasons` is empty if the scan matches no unit',
      }),
    z.object({
      result: z.literal('FAIL'),
      reason: z.string(),
      missing: z
        .array(z.string())
        .optional()
        .meta({ description: 'Roles of the labels that must also be scanned. Nothing was recorded' }),
      read: z
        .string()
        .optional()
        .meta({ description: 'The code as it was read, without the characters that the scanner added' }),
      verified: VerifiedBefore,
    }),
  ])
  .meta({ id: 'Verified' });

export const PrintTestAnswer = z
  .object({
    state: z.enum(['done', 'sent', 'failed', 'unknown']),
    reason: z.string().optional(),
    mayHaveLeft: z
      .boolean()
      .optional()
      .meta({ description: 'After a failure: true if part of the label may have been printed' }),
  })
  .meta({ id: 'PrintTest' });

const Slot = z.discriminatedUnion('state', [
  z.object({ state: z.literal('ready') }),
  z.object({ state: z.enum(['open', 'closed']), uci: z.string(), source: z.string() }),
]);

/** A station's settings and state. Settings that are not set have their defaults. */
export const StationState = StationDefinition.extend({
  armed: z.object({ uci: z.string(), reason: z.string() }).optional(),
  slot: Slot,
  keyUntil: Time.optional().meta({
    description: "The time when the station's last key expires, if all its keys expire",
  }),
  screenUntil: Time.optional().meta({
    description: "The time when the first of the station's open screens (kiosks) is signed out",
  }),
}).meta({ id: 'Station' });

export const Refusal = z
  .object({
    station: z.string(),
    code: z.string(),
    alarm: z.string().optional().meta({ description: 'What is wrong with the device' }),
    count: z.int(),
    lastAt: Time,
    lastSource: z.string(),
    detail: z.string(),
  })
  .meta({ id: 'Refusal', description: 'Refusals at one station for one reason, since the service started' });

export function refusalJson({ words, ...refusal }: RefusalNote, language: Language): z.infer<typeof Refusal> {
  const { detail } = saidIn({ message: refusal.detail, words }, language);
  return { ...refusal, detail, lastAt: shownTime(refusal.lastAt) };
}

export const StationWithRefusals = StationState.extend({
  refusals: z.array(Refusal),
  alarms: z.array(Refusal).meta({
    description:
      'Problems that need attention although nothing was refused. Examples: a device has the Claim ID of another device, two sources send the same identity, a rate is above its limit. Counted since the service started',
  }),
  testMode: z
    .literal(true)
    .optional()
    .meta({ description: 'True if this service answers registrations instead of the device cloud' }),
}).meta({
  id: 'StationWithRefusals',
});

export const StationPatch = patchOf(StationSettings.shape).meta({ id: 'StationPatch' });
export const StationSet = StationDefinition.meta({ id: 'StationSettings' });
export const ProductPatch = patchOf(ProductSettings.shape).meta({ id: 'ProductPatch' });
export const ProductAnswer = ProductSettings.extend({
  id: ProductId,
  serialPattern: z.string().nullable().meta({ description: 'S/N pattern; null for no S/N' }),
}).meta({ id: 'Product' });

/**
 * The properties that say that the closing of a work order is incomplete. A work order and its reconciliation have
 * these properties.
 */
export const CLOSING = {
  closing: z.object({ at: Time, by: z.string() }).optional().meta({
    description: 'Present while the work order is being closed. Meanwhile, the work order accepts no more units',
  }),
  interrupted: z
    .object({ at: Time, by: z.string() })
    .optional()
    .meta({ description: 'The last attempt to close the work order, if the service stopped before it was closed' }),
};

export const WorkOrderPatch = patchOf(WorkOrderSettings.shape).meta({ id: 'WorkOrderPatch' });
export const WorkOrderSet = WorkOrderDefinition.meta({ id: 'WorkOrderSettings' });
export const Count = z.int().min(0);
export const PartCounts = z.object({
  void: Count,
  scrapped: Count,
  released: Count,
  unaccounted: Count,
} satisfies Record<Part, typeof Count>);

export const WorkOrderAnswer = WorkOrderDefinition.extend({
  units: z.int(),
  closed: z
    .object({ seq: z.int(), at: Time, by: z.string() })
    .optional()
    .meta({ description: 'Present if the work order is closed. A closed work order accepts no more units' }),
  atClosing: PartCounts.optional().meta({ description: 'If closed: how its issued units were counted at the closing' }),
  ...CLOSING,
}).meta({ id: 'WorkOrder' });

export function workOrderJson({
  closed,
  closing,
  interrupted,
  ...workOrder
}: WorkOrder): z.infer<typeof WorkOrderAnswer> {
  const shown = ({ at, by }: { at: number; by: string }) => ({ at: shownTime(at), by });
  return {
    ...workOrder,
    ...(closed ? { closed: { ...closed, at: shownTime(closed.at) } } : {}),
    ...(closing ? { closing: shown(closing) } : {}),
    ...(interrupted ? { interrupted: shown(interrupted) } : {}),
  };
}

export const PrinterPatch = patchOf(PRINTER_SETTINGS).meta({ id: 'PrinterPatch' });
/** A problem that does not prevent a change. */
export const Warning = z.object({
  warning: z
    .string()
    .optional()
    .meta({ description: 'A problem that does not prevent the change. The text is in English' }),
});
export const PrinterAnswer = z.intersection(Printer, Warning).meta({ id: 'Printer' });

export const States = z.enum(['queued', 'sending', 'sent', 'done', 'failed', 'unknown', 'cancelled']);
export const PrintJobAnswer = z
  .object({
    id: z.int(),
    uci: z.string(),
    printer: z.string(),
    station: z.string().optional(),
    state: States,
    reason: z.string().optional(),
    role: z.string().optional().meta({ description: 'Absent for the label of the device' }),
    copies: z.int(),
    firstCopy: z.int(),
    reprint: z.string().optional(),
    set: z.int().optional().meta({ description: 'The render set with which the label was drawn' }),
    at: Time,
    note: z.string().optional(),
  })
  .meta({ id: 'PrintJob' });

export const Scope = z.enum(keysOf(PERMISSIONS)).meta({ id: 'Permission' });
export const TokenAnswer = z
  .object({
    name: z.string(),
    role: z.enum(TOKEN_ROLES),
    scopes: z.array(Scope).optional().meta({ description: 'Permissions of a service token' }),
    createdAt: Time,
    expiresAt: Time.optional().meta({ description: 'Absent if the token never expires' }),
    lastUsedAt: Time.optional().meta({ description: 'Accurate to the minute' }),
    revokedAt: Time.optional(),
  })
  .meta({ id: 'Token' });

export const PersonPatch = patchOf(PersonSettings.shape).meta({ id: 'PersonPatch' });
export const PersonAnswer = z
  .object({
    name: z.string(),
    role: PersonSettings.shape.role,
    ends: z.iso.date().optional().meta({
      description:
        "Last day of an auditor's access, in the time zone of the service. If a person signs on with an issuer, and the groups gave no role at the last sign-on, this is the day before that sign-on: the person has no rights until the groups give a role at a later sign-on",
    }),
    products: PersonSettings.shape.products,
    createdAt: Time,
    hasBadge: z.boolean(),
    hasPassword: z.boolean().meta({ description: 'False if the person has no password here' }),
    issuer: z.string().optional().meta({ description: 'The issuer that the person signs on with (OpenID Connect)' }),
    subject: z.string().optional().meta({ description: "The issuer's own ID of the person (`sub`)" }),
    linkUntil: Time.optional().meta({ description: 'The time until which an unused one-time link works' }),
    removedAt: Time.optional(),
  })
  .meta({ id: 'Person' });
