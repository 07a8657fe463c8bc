import { setImmediate as turn } from 'node:timers/promises';
import { Hono } from 'hono';
import { z } from 'zod';
import { isCanonical, parse } from '../uci.ts';
import { readBody, type AgentBody, type IdentityRules } from '../body.ts';
import { ClaimstampError } from '../error.ts';
import { parseLine } from '../event.ts';
import type { UnitHistory } from '../ledger.ts';
import { MAX_IMPORT, type ImportedUnit } from '../intake.ts';
import { MAX_UNITS_AT_ONCE } from '../office.ts';
import { Name, ProductId } from '../product.ts';
import { isSerial } from '../serial.ts';
import { ENDS, FACTS, statusOf, type Fact, type Unit } from '../unit.ts';
import type { Actor } from './auth.ts';
import type { Line } from './line.ts';
import { check, present, readJson } from './read.ts';

const Serial = z.string().refine(isSerial, 'must be 1 to 32 letters, digits, ". _ / -" or spaces');

/** Far more than a factory makes in one go. */
const Of = z.int().min(1).max(1_000_000_000).optional();

const MakeBody = z.strictObject({
  product: ProductId,
  count: z.int().min(1).max(MAX_UNITS_AT_ONCE).default(1),
  of: Of,
  workOrder: Name.optional(),
  serial: Serial.optional(),
});

const ReserveBody = z.strictObject({
  name: Name,
  product: ProductId,
  count: z.int().min(1).max(MAX_UNITS_AT_ONCE),
  of: Of,
});

const ImportBody = z.strictObject({
  as: z.enum(['issued', 'reserved']).default('issued'),
  units: z
    .array(
      z.strictObject({
        /** Where it stands, for messages. */
        place: z.string().max(260),
        uci: z.string().refine(isCanonical, 'must be a Claim ID of 10 to 20 letters'),
        /** The rest of its device.json5; `product` is needed. */
        device: z.record(z.string(), z.unknown()),
      }),
    )
    .min(1)
    .max(MAX_IMPORT),
});

/** As many units as one import takes, of a large device section each. Bytes */
const MAX_IMPORT_BYTES = 32 * 1024 * 1024;

const Reason = z.strictObject({ reason: z.string().trim().min(1, 'say why').max(200) });

const Page = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  product: ProductId.optional(),
  station: Name.optional(),
  workOrder: Name.optional(),
  reservation: Name.optional(),
  status: z.enum([...FACTS, ...ENDS]).optional(),
  /** Issued units that have no label yet. */
  printed: z
    .literal('false')
    .transform(() => false as const)
    .optional(),
});

export function unitRoutes({ ledger, config }: Line): Hono<Actor> {
  const app = new Hono<Actor>();
  const strict = config.products === 'strict';
  const rules = { properties: config.identityProperties, placeholders: config.identityPlaceholders };

  app.get('/units', async (c) => {
    const { after, limit, ...filter } = check(Page, c.req.query());
    const { units, next } = await ledger.units({ after, limit, ...present(filter) });
    return c.json({ units: units.map(unitJson), next });
  });

  app.post('/units', async (c) => {
    const body = await readJson(c, MakeBody);
    const { workOrder, serial, of, ...rest } = body;
    const made = await ledger.record({
      kind: 'make',
      as: 'issued',
      ...rest,
      ...(workOrder === undefined ? {} : { workOrder }),
      ...(serial === undefined ? {} : { serial }),
      ...(of === undefined ? {} : { of }),
      strict,
      actor: c.get('actor'),
    });
    return c.json(made, 201);
  });

  app.post('/reservations', async (c) => {
    const { name, of, ...rest } = await readJson(c, ReserveBody);
    const made = await ledger.record({
      kind: 'make',
      as: 'reserved',
      ...rest,
      reservation: name,
      ...(of === undefined ? {} : { of }),
      strict,
      actor: c.get('actor'),
    });
    return c.json({ name, ...made }, 201);
  });

  app.post('/units/import', async (c) => {
    const { as, units } = await readJson(c, ImportBody, MAX_IMPORT_BYTES);
    const read: ImportedUnit[] = [];
    for (const { place, uci, device } of units) {
      if (read.length % UNITS_A_TURN === 0) await turn();
      read.push({ place, uci, ...readDevice(place, device, rules) });
    }
    const made = await ledger.record({ kind: 'import', as, units: read, strict, actor: c.get('actor') });
    return c.json(made, 201);
  });

  app.get('/units/:uci', async (c) => c.body(historyJson(await find(c.req.param('uci'))), 200, JSON_TYPE));
  app.get('/units/:uci/events', async (c) =>
    c.body(`{"events":[${(await find(c.req.param('uci'))).lines.join(',')}]}`, 200, JSON_TYPE),
  );
  app.get('/units/:uci/device.json5', async (c) => {
    const { unit } = await find(c.req.param('uci'));
    return c.text(deviceJson5(unit), 200);
  });

  for (const kind of ['void', 'scrap'] as const) {
    app.post(`/units/:uci/${kind}`, async (c) => {
      const { reason } = await readJson(c, Reason);
      return c.json(await ledger.record({ kind, uci: canonical(c.req.param('uci')), reason, actor: c.get('actor') }));
    });
  }
  return app;

  async function find(typed: string): Promise<UnitHistory> {
    const history = await ledger.unit(canonical(typed));
    if (!history) throw new ClaimstampError('not-found', 'there is no unit with this Claim ID');
    return history;
  }
}

/** Units of an import that are read before agents get their turn: a few milliseconds. */
const UNITS_A_TURN = 200;

function readDevice(place: string, device: object, rules: IdentityRules): AgentBody & { product: string } {
  try {
    const { product, ...body } = readBody(Buffer.from(JSON.stringify(device)), rules);
    if (product === undefined) throw new ClaimstampError('product-missing', 'names no product');
    return { ...body, product };
  } catch (error) {
    if (!(error instanceof ClaimstampError)) throw error;
    throw new ClaimstampError(error.code, `${place}: ${error.message}; nothing was imported`);
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** The Claim ID that a person typed into a path. */
function canonical(typed: string): string {
  const uci = parse(typed);
  if (uci === undefined)
    throw new ClaimstampError('not-found', 'this is not a Claim ID: 10 to 20 letters and digits without I, L, O and U');
  return uci;
}

/** What goes onto the device: the manual's two properties. */
export function deviceJson5(unit: { uci: string; product: string }): string {
  return `{\n    "id": "${unit.uci}",\n    "product": "${unit.product}"\n}\n`;
}

export interface UnitJson {
  uci: string;
  product: string;
  serial?: string;
  status: Fact;
  /** RFC 3339, UTC. */
  facts: Partial<Record<Fact, string>>;
  station?: string;
  workOrder?: string;
  reservation?: string;
}

function unitJson({ id: _id, issuedSeq: _issued, lastSeq: _last, facts, ...unit }: Unit): UnitJson {
  const times = Object.entries(facts).map(([fact, at]) => [fact, new Date(at).toISOString()]);
  return { ...unit, status: statusOf({ facts } as Unit), facts: Object.fromEntries(times) };
}

/** A unit with its history; `attributes` is the body byte for byte, so it is put in as text. */
function historyJson({ unit, identity, lines, repeats }: UnitHistory): string {
  const attributes = lines.map(parseLine).find((event) => event.seq === unit.issuedSeq)?.attributes;
  const body: Record<string, string> = attributes === undefined ? {} : JSON.parse(attributes);
  const json = JSON.stringify({
    ...unitJson(unit),
    name: body['name'],
    model: body['model'],
    identity: Object.fromEntries(identity),
    repeats: repeats ? { count: repeats.count, lastAt: new Date(repeats.lastAt).toISOString() } : { count: 0 },
    events: lines.length,
  });
  return attributes === undefined ? json : `${json.slice(0, -1)},"attributes":${attributes}}`;
}
