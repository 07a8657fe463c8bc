import { z } from 'zod';
import { refusal } from '../../platform/error.ts';
import {
  changedPrinter,
  fitsLabel,
  isReadable,
  isSamePlace,
  loadedOf,
  Printer,
  type KeptPrinter,
} from '../../model/printer.ts';
import { printerOf, RoleName } from '../../model/labels/label-set.ts';
import { Name } from '../../model/product.ts';
import type { PrintJob } from '../../model/print-job.ts';
import { changing, refuseFixed, setting } from './catalog.ts';
import { isAtStation, type Principal } from '../auth.ts';
import { labelSize, refuseOtherMedia } from '../loaded-media.ts';
import { findUnit } from '../find-unit.ts';
import type { Services } from '../services.ts';
import type { Declaration, Declarations, On } from '../operation.ts';
import { check } from '../../platform/validation-words.ts';
import { present } from '../read-body.ts';
import { Reveal, shownBy } from '../reveal.ts';
import {
  Limit,
  PrinterAnswer,
  PrinterParams,
  PrinterPatch,
  PrintJobAnswer,
  PrintTestAnswer,
  shownTime,
  States,
  Time,
  UnitParams,
  Warning,
} from '../schemas.ts';

const PrintBody = z.strictObject({
  printer: Name.optional(),
  station: Name.optional().meta({ description: "Print on this station's printer" }),
  role: RoleName.optional().meta({
    description: 'Which label of the unit, such as box; by default the label of the device',
  }),
  copies: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: "By default, the number of copies in the product's settings" }),
  reason: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Reason for a reprint. Required if the unit may already have this label' }),
});

const ElsewhereBody = PrintBody.pick({ reason: true }).extend({
  printer: Name.meta({ description: "The other printer. Its labels must have the size of the unit's label" }),
});

/** A number higher than any job number. */
const NEWEST = Number.MAX_SAFE_INTEGER;

const Password = z
  .string()
  .regex(/^[^\p{Cc}]{1,128}$/u, 'must be 1 to 128 characters')
  .meta({ writeOnly: true, examples: ['3-sheep-on-a-roof'] });

const Page = z.strictObject({
  before: z.coerce.number().int().min(1).default(NEWEST).meta({ description: '`next` of the page before' }),
  limit: Limit.default(100),
  printer: Name.optional(),
  station: Name.optional(),
  state: States.optional(),
});

const JobParams = z.object({
  id: z.coerce
    .number()
    .int()
    .positive()
    .meta({ description: 'Number of the job: the `job` in the answer to the request that queued it' }),
});

const State = z.object({
  trouble: z.string().optional(),
  passwordAt: Time.optional().meta({
    description: 'The time when the password of an IPP printer was set. The password is never shown',
  }),
});

const printer = {
  tag: 'printing',
  params: PrinterParams,
  example: { kind: 'file', folder: '/srv/claimstamp-labels', format: 'pdf' },
  answer: PrinterAnswer,
  refusals: ['read-only', 'printer-address-refused', 'printer-folder-refused', 'printer-lacks-pdf'],
} satisfies Partial<Declaration>;

export const printerOperations = {
  'GET /v1/printers': {
    tag: 'printing',
    summary: 'Printers, each with its current problem',
    may: 'catalog:read',
    answer: z.object({ printers: z.array(z.intersection(Printer, State)) }),
  },
  'PUT /v1/printers/{name}': {
    ...setting,
    ...printer,
    summary: 'Set a printer',
    body: z.record(z.string(), z.unknown()).meta({ description: 'A Printer without its name' }),
  },
  'PATCH /v1/printers/{name}': {
    ...changing,
    ...printer,
    summary: 'Change settings of a printer',
    body: PrinterPatch,
  },
  'PUT /v1/printers/{name}/password': {
    tag: 'printing',
    summary: 'Set the password that the service sends to an IPP printer',
    description:
      "The password applies to the printer's current address and certificate: if you change either, set the password again. The service sends the password with Basic authentication (RFC 7617). The password is stored on the service's machine, outside the ledger and its copies, and is never shown.",
    may: 'catalog:write',
    params: PrinterParams,
    body: z.strictObject({ password: Password }),
    example: { password: 'a-password-of-the-printer' },
    answer: z.object({ printer: z.string() }).extend(Warning.shape),
    refusals: ['not-found', 'printer-without-user'],
  },
  'DELETE /v1/printers/{name}/password': {
    tag: 'printing',
    summary: 'Remove the password that the service sends to an IPP printer',
    may: 'catalog:write',
    params: PrinterParams,
    answer: z.object({ printer: z.string() }),
    refusals: ['not-found'],
  },
  'POST /v1/printers/{name}/ask': {
    tag: 'printing',
    summary: 'Query a printer, and save whether it answers',
    description:
      'For a printer of the kind `raw9100`, the query is a Zebra command (`~HS`). A printer of another make may print the command as text. The result is saved in the setting `answers`, unless the printer is in the configuration file.',
    may: 'catalog:write',
    params: PrinterParams,
    answer: z.object({
      answers: z.boolean().meta({ description: 'False if the printer does not answer queries' }),
      stopped: z.boolean().meta({ description: 'True if the printer cannot print at the moment' }),
      says: z.array(z.string()).meta({ description: "The printer's own message, in English" }),
    }),
    refusals: ['not-found'],
  },
  'POST /v1/printers/{name}/test': {
    tag: 'printing',
    summary: 'Print a label with sample data. No event is recorded in the ledger',
    may: 'labels:print',
    params: PrinterParams,
    answer: PrintTestAnswer,
    refusals: ['not-found', 'busy'],
  },
  'POST /v1/units/{uci}/print': {
    tag: 'printing',
    summary: "Queue a unit's label",
    may: 'labels:print',
    kiosk: 'own-unit',
    lookup: true,
    params: UnitParams,
    body: PrintBody,
    example: { printer: 'zebra-1' },
    status: 202,
    answer: z.object({ job: z.int(), printer: z.string(), uci: z.string(), firstCopy: z.int() }),
    links: {
      'GET /v1/print-jobs/{id}': { id: 'job' },
      'POST /v1/print-jobs/{id}/cancel': { id: 'job' },
      'POST /v1/print-jobs/{id}/elsewhere': { id: 'job' },
    },
    refusals: ['not-found', 'unit-ended', 'print-queued', 'reprint-reason', 'labels-differ'],
    once: true,
  },
  'GET /v1/print-jobs': {
    tag: 'printing',
    summary: 'Print jobs, newest first, page by page',
    description: 'Claim IDs are masked. With `reveal=true`, Claim IDs are complete.',
    may: 'stations:read',
    kiosk: 'own-job',
    query: Page.extend(Reveal.shape),
    answer: z.object({ jobs: z.array(PrintJobAnswer), next: z.int().nullable() }),
  },
  'GET /v1/print-jobs/{id}': {
    tag: 'printing',
    summary: 'The state of a print job, without its Claim ID',
    may: 'stations:read',
    kiosk: 'own-job',
    params: JobParams,
    answer: PrintJobAnswer.omit({ uci: true }).meta({ id: 'OnePrintJob' }),
  },
  'POST /v1/print-jobs/{id}/cancel': {
    tag: 'printing',
    summary: 'Cancel a print job before its first byte is sent',
    may: 'labels:print',
    params: JobParams,
    answer: z.object({ job: z.int() }),
    refusals: ['not-found', 'print-job-moved'],
  },
  'POST /v1/print-jobs/{id}/elsewhere': {
    tag: 'printing',
    summary: 'Print the label of a job on another printer',
    description:
      'If nothing of the job has been sent, it is cancelled, and a new job is queued for the other printer. If bytes may have been sent, this is a reprint, and a reason is required.',
    may: 'labels:print',
    kiosk: 'own-job',
    params: JobParams,
    body: ElsewhereBody,
    example: { printer: 'zebra-2', reason: 'printer jammed' },
    status: 202,
    answer: z.object({ job: z.int(), printer: z.string() }),
    refusals: ['not-found', 'print-job-moved', 'printer-unfit', 'print-queued', 'reprint-reason', 'unit-ended'],
  },
} satisfies Declarations;

/** Operations for printers and jobs. A print request contains only the printer's name; the address is a setting. */
export function printerRoutes(on: On, services: Services): void {
  settingRoutes(on, services);
  passwordRoutes(on, services);
  jobRoutes(on, services);
  elsewhereRoute(on, services);
}

function settingRoutes(on: On, { ledger, config, printing }: Services): void {
  on(printerOperations, 'GET /v1/printers', async () => {
    const printers = await ledger.printers();
    return {
      printers: printers.map(({ confined: _confined, nextColumn: _nextColumn, passwordAt, ...printer }) => {
        return { ...printer, trouble: printing.trouble(printer.name)?.detail, passwordAt: shownTime(passwordAt) };
      }),
    };
  });
  on(printerOperations, 'PUT /v1/printers/{name}', async ({ params: { name }, body, who }) => {
    refuseFixed('printer', name, config.catalog.printers);
    // The body may contain the printer's name, so that a client can send back the unchanged answer of a GET.
    const printer = check(Printer, { name, ...body });
    if (printer.name !== name) throw refusal('invalid', 'nameDiffers', { name });
    const before = await ledger.printer(name);
    const warning = await warningOf(printing, printer, before);
    const answer = await ledger.record({ kind: 'set-printer', printer, actor: who.actor });
    return { ...answer, ...present({ warning }) };
  });
  on(printerOperations, 'PATCH /v1/printers/{name}', async ({ params, body, who: { actor } }) => {
    refuseFixed('printer', params.name, config.catalog.printers);
    const patch = { ...body, ...params };
    const before = await ledger.printer(params.name);
    const printer = changedPrinter(before ?? {}, patch);
    const warning = await warningOf(printing, printer, before);
    const answer = await ledger.record({ kind: 'set-printer', merge: true, printer: patch, actor });
    return { ...answer, ...present({ warning }) };
  });
  on(printerOperations, 'POST /v1/printers/{name}/ask', async ({ params: { name }, who: { actor } }) => {
    const { answers, stop, says } = await printing.ask(name);
    const before = await ledger.printer(name);
    const isFixed = config.catalog.printers.some((one) => one.name === name);
    // If the printer is off, the attempt does not show whether the printer can answer queries.
    const isKnown = answers || stop === undefined;
    if (before?.kind === 'raw9100' && !isFixed && isKnown && (before.answers ?? false) !== answers)
      await ledger.record({ kind: 'set-printer', merge: true, printer: { name, answers }, actor });
    return { answers, stopped: stop !== undefined, says };
  });
  on(printerOperations, 'POST /v1/printers/{name}/test', async ({ params }) => printing.test(params.name));
}

/**
 * Throws if the address or folder is not allowed. When the address or the user name of an IPP printer changes, queries
 * the printer, and throws if it does not accept PDF. If the printer cannot print at the moment, returns the reason. The
 * printer is saved anyway, because it may just be switched off, or its disk not mounted.
 */
async function warningOf(
  printing: Services['printing'],
  printer: Printer,
  before: KeptPrinter | undefined,
): Promise<string | undefined> {
  const stopped = await printing.check(printer);
  if (printer.kind !== 'ipp') return stopped && `printer ${printer.name}: ${stopped}`;
  const isAsked = before?.kind === 'ipp' && isSamePlace(before, printer) && before.user === printer.user;
  if (isAsked) return undefined;
  const { lacksPdf, stop } = await printing.probe(printer, before);
  if (lacksPdf) throw refusal('printer-lacks-pdf', 'formats', { printer: printer.name });
  return stop && `printer ${printer.name}: ${stop.said}`;
}

function passwordRoutes(on: On, { ledger, printing, now }: Services): void {
  const printerOf = async (name: string): Promise<KeptPrinter> => {
    const printer = await ledger.printer(name);
    if (printer === undefined) throw refusal('not-found', 'printer', { printer: name });
    return printer;
  };
  const noted = (name: string, passwordAt: number | null, actor: string): Promise<Printer> =>
    ledger.record({ kind: 'set-printer', merge: true, printer: { name }, passwordAt, actor });
  on(printerOperations, 'PUT /v1/printers/{name}/password', async ({ params: { name }, body, who }) => {
    const printer = await printerOf(name);
    if (printer.kind !== 'ipp' || printer.user === undefined)
      throw refusal('printer-without-user', 'set', { printer: name });
    await printing.keepPassword(printer, body.password);
    await noted(name, now(), who.actor);
    const warning = isReadable(printer)
      ? `the address of printer ${name} does not use TLS, so anyone on the network can read the password: use an ipps:// address if the printer has one`
      : undefined;
    return { printer: name, ...present({ warning }) };
  });
  on(printerOperations, 'DELETE /v1/printers/{name}/password', async ({ params: { name }, who }) => {
    const printer = await printerOf(name);
    await printing.keepPassword(printer, undefined);
    await noted(name, null, who.actor);
    return { printer: name };
  });
}

function jobRoutes(on: On, services: Services): void {
  const { ledger } = services;
  on(printerOperations, 'POST /v1/units/{uci}/print', async ({ params, body, who, once }) => {
    const { uci } = (await findUnit(services, who, params.uci)).unit;
    // A kiosk prints only on the printers of the stations on its screen.
    const station = isAtStation(who, body.station) ? body.station : who.kiosk;
    const { role, copies, reason } = body;
    const asked = who.kiosk === undefined ? body : { role, copies, reason, station };
    const at = asked.station === undefined ? undefined : await ledger.station(asked.station);
    const named = 'printer' in asked ? asked.printer : undefined;
    await refuseOtherMedia(services, { uci, role }, named ?? (at && printerOf(at, role)));
    return ledger.record({ kind: 'print', uci, ...present(asked), actor: who.actor, ...once });
  });
  on(printerOperations, 'GET /v1/print-jobs', async ({ query, who }) => {
    const { before, limit, reveal, ...asked } = query;
    const { kiosk = asked.station } = who;
    // For the jobs of another station, a kiosk gets the same answer as for a station that does not exist.
    if (asked.station !== undefined && asked.station !== kiosk) return { jobs: [], next: null };
    const filter = present({ ...asked, station: kiosk });
    const jobs = await ledger.printJobs({ before, limit, ...filter });
    const read = { ledger, who, what: 'print-jobs', filter: { ...filter, before } } as const;
    const show = await shownBy(reveal, read, jobs.length);
    const shown = jobs.map((job) => jobJson({ ...job, uci: show(job.uci) }));
    return { jobs: shown, next: jobs.length === limit ? (jobs.at(-1)?.id ?? null) : null };
  });
  on(printerOperations, 'GET /v1/print-jobs/{id}', async ({ params: { id }, who }) => {
    const job = await jobFor(services, who, id);
    const { uci: _uci, ...shown } = jobJson(job);
    return shown;
  });
  on(printerOperations, 'POST /v1/print-jobs/{id}/cancel', async ({ params, who }) => {
    const move = { kind: 'move-print', job: params.id, to: 'cancelled', reason: 'cancelled by hand' } as const;
    return ledger.record({ ...move, actor: who.actor });
  });
}

function elsewhereRoute(on: On, services: Services): void {
  on(printerOperations, 'POST /v1/print-jobs/{id}/elsewhere', async ({ params: { id }, body, who }) => {
    const job = await jobFor(services, who, id);
    const to = await services.ledger.printer(body.printer);
    if (to === undefined) throw refusal('not-found', 'printer', { printer: body.printer });
    const { width, height } = await labelSize(services, job);
    if (!fitsLabel(to, { width, height })) {
      const media = loadedOf(to) ?? '';
      throw refusal('printer-unfit', 'media', { printer: to.name, media, width, height });
    }
    const asked = { kind: 'print-elsewhere', job: id, ...present(body), actor: who.actor } as const;
    const moved = await services.ledger.record({ ...asked, printer: to.name });
    return { job: moved.job, printer: moved.printer };
  });
}

/** Returns a print job. For a job of another station, a kiosk gets the same answer as for an unknown job. */
async function jobFor({ ledger }: Pick<Services, 'ledger'>, who: Principal, id: number): Promise<PrintJob> {
  const [job] = await ledger.printJobs({ before: id + 1, limit: 1 });
  if (job?.id !== id || !isAtStation(who, job.station)) throw refusal('not-found', 'printJob', { job: id });
  return job;
}

function jobJson({ at, ...job }: PrintJob): z.input<typeof PrintJobAnswer> {
  return { ...job, at: new Date(at).toISOString(), note: NOTES[job.state] };
}

/** Explains job states that an operator may not understand. */
const NOTES: Partial<Record<PrintJob['state'], string>> = {
  sent: 'sent to the printer; this printer does not report whether the label was printed',
  unknown: 'check the printer, then reprint with a reason if the label is missing',
};
