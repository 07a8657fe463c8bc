import { z } from 'zod';
import { printsOf, readPrinted, type UnitPrint } from '../../contract/printed.ts';
import type { KeptSet } from '../../model/labels/render-set.ts';
import { findUnit } from '../find-unit.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { shownTime, Time, UnitParams } from '../schemas.ts';
import type { Services } from '../services.ts';
import { TYPES } from './labels.ts';

/* The labels of a unit as they were printed. */

const Hash = z.string().meta({ description: 'SHA-256 in hexadecimal' });

const Set = z
  .object({
    number: z.int(),
    seq: z.int().meta({ description: 'The event that recorded the set' }),
    role: z.string(),
    template: z.object({
      name: z.string(),
      revision: z.int().optional().meta({ description: 'Absent if the template was a file in labels/' }),
      hash: Hash,
    }),
    product: z.object({ id: z.string(), hash: Hash }),
    order: Hash.optional(),
    fonts: z.record(z.string(), z.string()).meta({ description: 'SHA-256 of each font of this program' }),
    files: z.record(z.string(), z.string()).meta({ description: 'SHA-256 of each other font and logo' }),
    renderer: z.int().meta({ description: 'Version of the code that drew the label' }),
    dpi: z.int(),
    stationName: z.boolean().optional(),
    sample: Hash.optional().meta({ description: 'SHA-256 of the dots of a sample label' }),
  })
  .meta({ id: 'RenderSet' });

const Print = z
  .object({
    job: z.int().meta({ description: 'The print job' }),
    seq: z.int(),
    at: Time,
    printer: z.string(),
    station: z.string().optional(),
    role: z.string().optional().meta({ description: 'Absent for the label of the device' }),
    copies: z.int(),
    firstCopy: z.int(),
    reprint: z.string().optional().meta({ description: 'The reason for a reprint' }),
    set: Set.optional().meta({ description: 'Absent if an earlier version printed the label' }),
  })
  .meta({ id: 'UnitPrint' });

const Difference = z.object({
  part: z.string().meta({ description: '`renderer`, a font, a file, or `sample`' }),
  before: z.string(),
  now: z.string(),
});

const PrintParams = UnitParams.extend({
  job: z.coerce
    .number()
    .int()
    .min(1)
    .meta({ description: 'The print job', examples: [17] }),
});

const reading = { tag: 'labels', may: 'units:read', lookup: true } as const;

export const printOperations = {
  'GET /v1/units/{uci}/prints': {
    ...reading,
    kiosk: 'own-unit',
    auditor: 'masked',
    summary: 'The printed labels of a unit, with the template and the fonts of each',
    description: 'Oldest first. A label counts from the moment at which it was sent to its printer.',
    params: UnitParams,
    answer: z.object({ prints: z.array(Print) }),
    refusals: ['not-found'],
  },
  'GET /v1/units/{uci}/prints/{job}': {
    ...reading,
    summary: 'Draw a label again as it was printed, and report what differs',
    params: PrintParams,
    answer: z.object({
      print: Print,
      dots: Hash.meta({ description: 'SHA-256 of the dots as this program draws them' }),
      same: z.boolean().meta({ description: 'True if the dots are the same as the printed ones' }),
      differences: z.array(Difference),
    }),
    refusals: ['not-found', 'label-too-large', 'label-unprintable', 'template-wrong', 'busy'],
  },
  'GET /v1/units/{uci}/prints/{job}/label.png': {
    ...reading,
    summary: 'A label as it was printed: its dots',
    params: PrintParams,
    file: { types: [TYPES.png], description: "The dots, without the printer's rotation and corrections" },
    refusals: ['not-found', 'label-too-large', 'label-unprintable', 'template-wrong', 'busy'],
  },
} satisfies Declarations;

export function printRoutes(on: On, services: Services): void {
  const { ledger, labels } = services;
  on(printOperations, 'GET /v1/units/{uci}/prints', async ({ params, who }) => {
    const { lines } = await findUnit(services, who, params.uci);
    const prints: z.input<typeof Print>[] = [];
    for (const print of printsOf(lines)) {
      const set = print.set === undefined ? undefined : await ledger.renderSet({ number: print.set });
      prints.push(shown(print, set));
    }
    return { prints };
  });
  on(printOperations, 'GET /v1/units/{uci}/prints/{job}', async ({ params, who }) => {
    const { lines } = await findUnit(services, who, params.uci);
    const { print, set, label } = await readPrinted(ledger, lines, params.job);
    const { dots, differences } = await labels.redraw(label);
    return { print: shown(print, set), dots, same: differences.length === 0, differences };
  });
  on(printOperations, 'GET /v1/units/{uci}/prints/{job}/label.png', async ({ c, params, who }) => {
    const { lines } = await findUnit(services, who, params.uci);
    const { label } = await readPrinted(ledger, lines, params.job);
    const { png } = await labels.redraw(label);
    return c.body(Uint8Array.from(png), 200, { 'content-type': TYPES.png, 'cache-control': 'no-store' });
  });
}

function shown({ set: _number, at, ...print }: UnitPrint, set: KeptSet | undefined): z.input<typeof Print> {
  return { ...print, at: shownTime(at), ...present({ set: set && shownSet(set) }) };
}

function shownSet({ at: _at, ...set }: KeptSet): z.input<typeof Set> {
  const { revision, ...template } = set.template;
  return { ...set, template: { ...template, ...present({ revision }) } };
}
