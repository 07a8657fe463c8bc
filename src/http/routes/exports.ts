import { z } from 'zod';
import {
  EXPORT_FORMATS,
  type ExportFilter,
  type ExportFormat,
  type ExportUnderWay,
  type ExportJob,
  type Exported,
} from '../../contract/exports.ts';
import { ACCESS_EVENTS } from '../../model/event-data.ts';
import { refusal } from '../../platform/error.ts';
import { valueWords } from '../../platform/refusal-words.ts';
import { Name, ProductId } from '../../model/product.ts';
import { MAX_SENT } from '../../model/scan/read.ts';
import { ENDS, FACTS } from '../../model/unit.ts';
import { languageOf } from '../language.ts';
import { handOut } from '../send-file.ts';
import { refuseReversed, refuseUnknown } from '../known-filter.ts';
import { UNIT_REFUSALS, unitFor } from '../find-unit.ts';
import { unlessLeft } from '../client-gone.ts';
import { nameOf, type Principal } from '../auth.ts';
import type { Services } from '../services.ts';
import type { Declaration, Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { Time } from '../schemas.ts';
import { moment, When } from '../time-params.ts';

const TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  zip: 'application/zip',
};

const SAID: Record<ExportFormat, string> = {
  csv: 'RFC 4180 in UTF-8, with a header line first',
  jsonl: 'One JSON object per line. Events are byte for byte as they were hashed',
  xlsx: 'A workbook for Excel and LibreOffice; more than 1,048,575 rows continue on the next sheet',
  zip: 'Rows, events, all leaf hashes, a signed checkpoint, and manifest.json with the SHA-256 of each file',
};

const Seq = z.coerce.number().int().min(0);
const Of = z.enum(['units', 'events']);

const Query = z
  .strictObject({
    of: Of.default('units').meta({ description: 'What to export: units in their current state, or events' }),
    product: ProductId.optional(),
    workOrder: Name.optional(),
    lot: z.string().min(1).max(64).optional().meta({ description: "The lot of the unit's work order" }),
    station: Name.optional().meta({
      description: "For units, the station where they were last; for events, the event's station",
    }),
    status: z
      .enum([...FACTS, ...ENDS])
      .optional()
      .meta({
        description: "The unit's current status. For events, the current status of the event's unit",
      }),
    unit: z
      .string()
      .min(1)
      .max(MAX_SENT)
      .optional()
      .meta({ description: 'Only the unit with this Claim ID, S/N or identity, or its events' }),
    rma: Name.optional().meta({ description: 'Units that were returned under this RMA, or their events' }),
    type: z
      .enum(['access', ...ACCESS_EVENTS, 'drill-held'])
      .optional()
      .meta({
        description:
          'For events: all events about access (`access`), the events of one such type, or the drills (`drill-held`)',
      }),
    from: When.optional().meta({
      description:
        'From this moment, or from the beginning of this day in the time zone of the service (TZ). For units, the time of issue counts. If a unit was not issued, the time of its reservation counts',
    }),
    to: When.optional().meta({ description: 'Before this moment, or until the end of this day' }),
    since: Seq.optional().meta({
      description:
        'Only changes after the event with this number. For units, the last event counts. For the next export, use the Claimstamp-Tree-Size of this export',
    }),
    until: Seq.optional().meta({
      description: 'Only changes up to the event with this number. For units, the last event counts',
    }),
    separator: z.enum(['comma', 'semicolon']).optional().meta({
      description: 'Only for CSV: the character between the cells. In most of Europe, Excel expects semicolons',
    }),
    bom: z
      .literal('true')
      .transform(() => true as const)
      .optional()
      .meta({ description: 'Only for CSV: begin the file with a byte order mark, so that Excel reads it as UTF-8' }),
    ref: Name.optional().meta({
      description: 'A name of your choice, to find the export in /v1/ledger/exports while it is being made',
    }),
  })
  .refine(({ since = 0, until = Infinity }) => since <= until, 'since: must not be later than "until"')
  .refine(({ of, type }) => type === undefined || of === 'events', 'type: needs of=events');

const HEADERS = {
  'Claimstamp-Rows': 'Units or events in the file',
  'Claimstamp-Tree-Size':
    'The number of events in the ledger when the export was made. Use this number as `since` for the next export',
  'Repr-Digest': 'SHA-256 of the file (RFC 9530)',
  'Content-Disposition': 'A name for the file',
};

const UnderWay = z
  .object({
    of: Of,
    format: z.enum(EXPORT_FORMATS),
    actor: z.string(),
    ref: z.string().optional(),
    askedAt: Time,
    done: z.int().meta({
      description:
        'The number of finished units or events, out of `total`. `done` and `total` are 0 while the export waits for its turn',
    }),
    total: z.int(),
  })
  .meta({ id: 'ExportUnderWay' });

const exporting = (format: ExportFormat) =>
  ({
    tag: 'ledger',
    summary: `The ledger, or part of it, as ${format.toUpperCase()}`,
    description:
      'A snapshot of the ledger, in ledger order. The answer starts when the file is complete. The ledger records who exported what.',
    may: 'ledger:export',
    query: Query,
    file: { types: [TYPES[format].split(';')[0] ?? ''], description: SAID[format], headers: HEADERS },
    refusals: [...UNIT_REFUSALS, 'wrong-product', 'busy', 'disk-full', 'stopping'],
  }) satisfies Declaration;

export const exportOperations = {
  'GET /v1/ledger.csv': { ...exporting('csv'), auditor: 'as-made' },
  'GET /v1/ledger.jsonl': exporting('jsonl'),
  'GET /v1/ledger.xlsx': exporting('xlsx'),
  'GET /v1/ledger.zip': exporting('zip'),
  'GET /v1/ledger/exports': {
    tag: 'ledger',
    summary: 'Exports that are being made, with their progress',
    may: 'ledger:export',
    // The answer repeats the `ref` that the auditor chose for an export. Masking the `ref` would reveal whether it is
    // a Claim ID.
    auditor: 'as-made',
    description: "An auditor sees only the auditor's own exports.",
    answer: z.object({ exports: z.array(UnderWay) }),
  },
} satisfies Declarations;

export function exportRoutes(on: On, services: Services): void {
  for (const format of EXPORT_FORMATS) exportRoute(on, services, format);
  on(exportOperations, 'GET /v1/ledger/exports', async ({ who }) => ({
    exports: services.exports
      .underWay()
      .filter(({ actor }) => who.auditor === undefined || actor === who.actor)
      .map(underWayJson),
  }));
}

function exportRoute(on: On, services: Services, format: ExportFormat): void {
  const { ledger, exports, now } = services;
  on(exportOperations, `GET /v1/ledger.${format}`, async ({ c, query, who, stillAllowed }) => {
    const { auditor } = who;
    if (auditor !== undefined && query.of !== 'units') throw refusal('not-for-auditors', 'format');
    // The length of the answer is unknown until the export is made.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': TYPES[format] });
    const { actor } = who;
    const { of, ref, separator, bom, ...asked } = query;
    if (format !== 'csv') refuseCsvOnly({ separator, bom });
    const filter = await filterOf(services, who, asked);
    await refuseUnknown(ledger, who, filter);
    const job: ExportJob = { of, format, filter, language: languageOf(c), ...present({ auditor, separator, bom }) };
    const made = await unlessLeft(c, stillAllowed, (signal) =>
      exports.make(job, { actor, by: nameOf(who), signal, ...present({ ref }) }),
    );
    const { rows: count, treeSize, sha256 } = made;
    const noted = { what: 'export', filter: { of, format, ...filter }, count, treeSize, sha256 };
    await ledger.record({ kind: 'note-bulk-read', ...noted, actor }).catch(async (error: unknown) => {
      await made.file.close();
      throw error;
    });
    return handOut(c, stillAllowed, made, headersOf(job, made, now()));
  });
}

function refuseCsvOnly(options: { [name: string]: unknown }): void {
  const name = Object.entries(options).find(([, value]) => value !== undefined)?.[0];
  if (name !== undefined) throw refusal('invalid', 'property', { name, problem: valueWords('is only for CSV') });
}

function headersOf(job: ExportJob, { rows, treeSize, sha256 }: Exported, at: number): Record<string, string> {
  const { of, format, filter } = job;
  // The file name says what the file contains, when it was made, and which event is the last in the file. An answer to
  // an auditor never contains the name of another product, even if the auditor typed that name.
  const asked = job.auditor === undefined ? [filter.product, filter.workOrder, filter.status] : [];
  const part = asked.filter((one) => one !== undefined);
  const when = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
  const name = ['claimstamp', of, ...part, when, treeSize].join('-').replace(/[^\w.-]/g, '_');
  return {
    'content-type': TYPES[format],
    'content-disposition': `attachment; filename="${name}.${format}"`,
    'claimstamp-rows': String(rows),
    'claimstamp-tree-size': String(treeSize),
    'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
  };
}

async function filterOf(
  services: Services,
  who: Principal,
  { from, to, unit: sought, ...rest }: Omit<z.infer<typeof Query>, 'of' | 'ref'>,
): Promise<ExportFilter> {
  const [begin, end] = [from === undefined ? from : moment(from, 'begin'), to === undefined ? to : moment(to, 'end')];
  refuseReversed(begin, end);
  // The ledger records the number of the unit as the filter, because the number does not reveal the Claim ID.
  const unit = sought === undefined ? undefined : (await unitFor(services, who, sought)).id;
  return present({ ...rest, unit, from: stamp(begin), to: stamp(end) });
}

/** Returns the time in the format of ledger lines. */
function stamp(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

function underWayJson({ at, ...rest }: ExportUnderWay): z.input<typeof UnderWay> {
  return { ...rest, askedAt: new Date(at).toISOString() };
}
