import { Hono } from 'hono';
import { z } from 'zod';
import { ClaimstampError } from '../error.ts';
import { Printer } from '../printer.ts';
import { Name } from '../product.ts';
import type { PrintJob } from '../printing.ts';
import { parse } from '../uci.ts';
import type { Actor } from './auth.ts';
import type { Line } from './line.ts';
import { check, present, readJson } from './read.ts';

const PrintBody = z.strictObject({
  printer: Name.optional(),
  station: Name.optional(),
  copies: z.int().min(1).max(100).default(1),
  /** Why the label is printed again: needed as soon as one may exist. */
  reason: z.string().trim().min(1).max(200).optional(),
});

const States = z.enum(['queued', 'sending', 'sent', 'done', 'failed', 'unknown', 'cancelled']);
const Page = z.strictObject({
  before: z.coerce.number().int().min(1).default(Number.MAX_SAFE_INTEGER),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  printer: Name.optional(),
  station: Name.optional(),
  state: States.optional(),
});

/** Printers and their jobs. A request to print names a printer; only who sets one up says where it is. */
export function printerRoutes(line: Line): Hono<Actor> {
  const { ledger, config, printing } = line;
  const app = new Hono<Actor>();

  app.get('/printers', async (c) => {
    const printers = (await ledger.printers()) as { name: string }[];
    return c.json({ printers: printers.map((printer) => ({ ...printer, trouble: printing.trouble(printer.name) })) });
  });
  app.put('/printers/:name', async (c) => {
    const name = c.req.param('name');
    if (config.catalog.printers.some((printer) => printer.name === name)) {
      throw new ClaimstampError(
        'read-only',
        `printer ${name} stands in the configuration file: change it there and restart`,
      );
    }
    const printer = check(Printer, { ...(await readJson(c, z.record(z.string(), z.unknown()))), name });
    await ledger.record({ kind: 'set-printer', printer, actor: c.get('actor') });
    return c.json(printer);
  });
  app.post('/printers/:name/test', async (c) => c.json(await printing.test(c.req.param('name'))));

  app.post('/units/:uci/print', async (c) => {
    const uci = parse(c.req.param('uci'));
    if (uci === undefined) throw new ClaimstampError('not-found', 'this is not a Claim ID');
    const { copies, ...rest } = await readJson(c, PrintBody);
    const queued = await ledger.record({ kind: 'print', uci, copies, ...present(rest), actor: c.get('actor') });
    return c.json(queued, 202);
  });

  app.get('/print-jobs', async (c) => {
    const { before, limit, ...filter } = check(Page, c.req.query());
    const jobs = await ledger.printJobs({ before, limit, ...present(filter) });
    return c.json({ jobs: jobs.map(jobJson), next: jobs.length === limit ? (jobs.at(-1)?.id ?? null) : null });
  });
  app.post('/print-jobs/:id/cancel', async (c) => {
    const job = check(z.coerce.number().int().positive(), c.req.param('id'));
    return c.json(
      await ledger.record({
        kind: 'move-print',
        job,
        to: 'cancelled',
        reason: 'cancelled by hand',
        actor: c.get('actor'),
      }),
    );
  });
  return app;
}

function jobJson({ at, ...job }: PrintJob): object {
  return { ...job, at: new Date(at).toISOString(), note: NOTES[job.state] };
}

/** What an operator has to know of a state that is not plain. */
const NOTES: Partial<Record<PrintJob['state'], string>> = {
  sent: 'handed over; this printer does not say whether the label came out',
  unknown: 'check the printer, then reprint with a reason if the label is missing',
};
