import { z } from 'zod';
import type { AccessPage } from '../../contract/ledger.ts';
import {
  AUDIT_KINDS,
  AUDITED,
  auditedAs,
  FIRST_PRINTS,
  UNSHOWN_IN_FILTERS,
  type AuditedType,
  type AuditKind,
} from '../../model/audit/kinds.ts';
import { mask } from '../../model/claim-id.ts';
import { readEvent } from '../../model/event-check.ts';
import type { Event } from '../../model/event.ts';
import { personActor } from '../../model/person.ts';
import { keysOf } from '../../platform/own.ts';
import { MAX_SENT } from '../../model/scan/read.ts';
import type { Principal } from '../auth.ts';
import { UNIT_REFUSALS, unitFor } from '../find-unit.ts';
import { csvAnswer, csvHeaders, MAX_LINES, type Cell } from '../csv-answer.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { Before, Limit, Next, shownTime, Time } from '../schemas.ts';
import type { Services } from '../services.ts';
import { moment, When } from '../time-params.ts';
import { openTurns } from '../../platform/turns.ts';

const Kind = z.enum([...keysOf(AUDIT_KINDS), FIRST_PRINTS]);

const Filter = z.strictObject({
  kind: Kind.optional().meta({
    description:
      '`read`: lists of Claim IDs. `exported`: exports and backups. `reprinted`: labels printed again. `printed`: first labels, listed only if you ask for this kind; if you also give an actor, only the last 20,000 first labels that were printed before `before` are searched. `changed`: settings, work orders and units. `access`: sign-ins, people, tokens and keys',
  }),
  actor: z
    .string()
    .trim()
    .max(200)
    .optional()
    .meta({ description: 'The name of a person, or an actor such as `token:ci`' }),
  unit: z.string().trim().max(MAX_SENT).optional().meta({
    description:
      'Only what was done with this unit (its Claim ID, S/N or identity). Only the newest 20,000 reads and the newest 20,000 exports are searched for the unit',
  }),
  from: When.optional().meta({
    description: 'From this time or the beginning of this day. Days are in the time zone of the service (TZ)',
  }),
  to: When.optional().meta({ description: 'Before this time, or until the end of this day' }),
});
type Filter = z.infer<typeof Filter>;

const Entry = z
  .object({
    seq: z.int(),
    at: Time,
    kind: Kind,
    type: z.string().meta({ description: 'The type of the event, or `exported` or `reprinted`' }),
    actor: z.string(),
    station: z.string().optional(),
    workOrder: z.string().optional(),
    unit: z.string().optional().meta({ description: 'The masked Claim ID of the unit' }),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'AuditEntry', description: 'What a person or a program did besides work on the line' });
type Entry = z.infer<typeof Entry>;

const of = { tag: 'access', may: 'access:read' } as const;

export const auditOperations = {
  'GET /v1/audit': {
    ...of,
    summary:
      'Actions by people and programs, newest first: who read lists, exported, reprinted, changed settings or units, or signed in',
    description: 'All Claim IDs are masked.',
    query: Filter.extend({
      before: Before,
      limit: Limit.default(100),
    }),
    answer: z.object({
      entries: z.array(Entry),
      next: Next.meta({ description: '`before` of the next page; null after the last' }),
    }),
    refusals: [...UNIT_REFUSALS],
  },
  'GET /v1/audit.csv': {
    ...of,
    summary: 'The newest 10,000 entries of the audit as CSV, with the same filters',
    query: Filter,
    file: { types: ['text/csv'], description: 'One line per entry' },
    refusals: [...UNIT_REFUSALS],
  },
} satisfies Declarations;

/** The number of entries that are read at a time. Agents are served between two pages. */
const PAGE = 500;

export function auditRoutes(on: On, services: Services): void {
  const { ledger } = services;
  on(auditOperations, 'GET /v1/audit', async ({ query: { before, limit, ...filter }, who }) => {
    const page = await pageOf(services, who, filter);
    const lines = await ledger.accessEvents({ ...page, before, limit: limit + 1 });
    const entries = await withUnits(services, lines.slice(0, limit).map(entryOf));
    return { entries, next: lines.length > limit ? (entries.at(-1)?.seq ?? null) : null };
  });
  on(auditOperations, 'GET /v1/audit.csv', async ({ c, query, who }) => {
    if (c.req.method === 'HEAD') return c.body(null, 200, csvHeaders('audit.csv'));
    const page = await pageOf(services, who, query);
    const entries = await withUnits(services, await newest(services, page));
    const filter = { of: 'audit', ...present({ ...query, unit: page.unit?.id }) };
    const read = { what: 'export', filter, count: entries.length } as const;
    await ledger.record({ kind: 'note-bulk-read', ...read, actor: who.actor });
    return csvAnswer(c, 'audit.csv', COLUMNS, entries.map(cellsOf));
  });
}

function typesOf(kind: Filter['kind']): readonly AuditedType[] {
  if (kind === undefined) return AUDITED;
  return kind === FIRST_PRINTS ? ['first-printed'] : AUDIT_KINDS[kind];
}

type Asked = Omit<AccessPage, 'before' | 'limit'>;

async function pageOf(services: Services, who: Principal, { kind, actor, unit, from, to }: Filter): Promise<Asked> {
  const types = typesOf(kind);
  return {
    types,
    ...present({
      actor: actor === undefined || actor === '' ? undefined : actorOf(actor),
      unit: unit === undefined || unit === '' ? undefined : await unitFor(services, who, unit),
      from: from === undefined ? undefined : moment(from, 'begin'),
      to: to === undefined ? undefined : moment(to, 'end'),
    }),
  };
}

/** Actors that are not people and have no individual name (model/event.ts). */
const UNNAMED = new Set(['admin', 'local', 'file', 'system']);

/** Returns the actor for a typed name. A name without a prefix is assumed to be a person's name. */
function actorOf(typed: string): string {
  return typed.includes(':') || UNNAMED.has(typed) ? typed : personActor(typed);
}

async function newest({ ledger }: Services, page: Asked): Promise<Entry[]> {
  const turns = openTurns();
  const entries: Entry[] = [];
  for (let before = Number.MAX_SAFE_INTEGER; entries.length < MAX_LINES;) {
    const lines = await ledger.accessEvents({ ...page, before, limit: PAGE });
    entries.push(...lines.map(entryOf));
    if (lines.length < PAGE) break;
    before = entries.at(-1)?.seq ?? 0;
    await turns();
  }
  return entries;
}

/**
 * Replaces the numbers of units by their masked Claim IDs and S/Ns. Events contain only the number of a unit, because
 * it does not reveal the Claim ID.
 */
async function withUnits({ ledger }: Services, entries: Entry[]): Promise<Entry[]> {
  const numberOf = ({ details }: Entry): number | undefined =>
    typeof details['unit'] === 'number' ? details['unit'] : undefined;
  const ids = [...new Set(entries.flatMap((entry) => numberOf(entry) ?? []))];
  const named = new Map<number, string>();
  for (let from = 0; from < ids.length; from += PAGE) {
    const { units } = await ledger.units({ ids: ids.slice(from, from + PAGE), after: 0, limit: PAGE });
    for (const { id, uci, serial } of units)
      named.set(id, serial === undefined ? mask(uci) : `${mask(uci)}, S/N ${serial}`);
  }
  return entries.map((entry) => {
    const unit = named.get(numberOf(entry) ?? 0);
    return unit === undefined ? entry : { ...entry, details: { ...entry.details, unit } };
  });
}

function entryOf(line: string): Entry {
  const event = readEvent(line);
  const { seq, at, actor, station, workOrder, uci } = event;
  const type = auditedAs(event) ?? (event.type === 'print-queued' ? 'first-printed' : event.type);
  const kind =
    type === 'first-printed' ? FIRST_PRINTS : (keysOf(AUDIT_KINDS).find((one) => isOf(one, type)) ?? 'changed');
  const unit = uci === undefined ? undefined : mask(uci);
  return {
    seq,
    at: shownTime(at),
    kind,
    type,
    actor,
    details: detailsOf(withoutSource(event)),
    ...present({ station, workOrder, unit }),
  };
}

/** Leaves out a template's source, which is too long for a list. The template's own page shows the source. */
function withoutSource(event: Event): object {
  if (event.type === 'logo-saved') {
    const { png: _png, ...data } = event.data;
    return data;
  }
  if (event.type !== 'template-saved') return event.data;
  const { source: _source, ...details } = event.data;
  return details;
}

function isOf(kind: AuditKind, type: AuditedType): boolean {
  const types: readonly AuditedType[] = AUDIT_KINDS[kind];
  return types.includes(type);
}

/**
 * Returns those properties of the event that are single values. Lists and objects are left out, because they may
 * contain Claim IDs.
 */
function detailsOf(data: object): Entry['details'] {
  const filter: unknown = 'filter' in data ? data.filter : undefined;
  const members = [...Object.entries(data), ...(filter instanceof Object ? Object.entries(filter) : [])];
  return Object.fromEntries(
    members.flatMap(([name, value]: [string, unknown]) =>
      !UNSHOWN_IN_FILTERS.has(name) &&
      (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
        ? [[name, value]]
        : [],
    ),
  );
}

const COLUMNS = ['seq', 'at', 'kind', 'type', 'actor', 'station', 'work_order', 'unit', 'details'];

function cellsOf({ seq, at, kind, type, actor, station, workOrder, unit, details }: Entry): Cell[] {
  return [seq, at, kind, type, actor, station, workOrder, unit, detailsSaid(details)];
}

function detailsSaid(details: Entry['details']): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}: ${value}`)
    .join(' · ');
}
