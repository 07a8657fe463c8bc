import { COMPARED_EVENTS, medianOf } from '../../src/model/clock.ts';
import { credentialKey, keyOf, type AccessRow } from '../../src/model/access.ts';
import type { Credential } from '../../src/model/credential.ts';
import { project } from '../../src/decide/project.ts';
import type { Kept, Row, Seen } from '../../src/decide/seen.ts';
import type { Person } from '../../src/model/person.ts';
import type { KeptCheckpoint } from '../../src/proof/checkpoint.ts';
import type { PrintJob } from '../../src/model/print-job.ts';
import { decide, type Answer, type Command } from '../../src/decide/command.ts';
import { isSameValue, readBody } from '../../src/model/body.ts';
import { identityKey } from '../../src/model/identity/spelling.ts';
import { DEFAULT_IDENTITY } from '../../src/model/identity/placeholders.ts';
import { ClaimstampError, type ErrorCode } from '../../src/platform/error.ts';
import { readEvent } from '../../src/model/event-check.ts';
import { lineOf, type Event } from '../../src/model/event.ts';
import { identityOfNumber } from '../../src/model/pools/pool.ts';
import type { IssueRequest } from '../../src/decide/issue.ts';
import { Printer, type KeptPrinter } from '../../src/model/printer.ts';
import { Product, withPattern, type ProductAsSet } from '../../src/model/product.ts';
import type { IdentityValue, KnownCodes } from '../../src/model/scan/known.ts';
import type { ShippingList } from '../../src/model/shipping/shipping-list.ts';
import { StationDefinition, type Station } from '../../src/model/station.ts';
import { claimsOf, type Importing } from '../../src/model/imports/importing.ts';
import type { ImportedUnit } from '../../src/model/imports/imported-unit.ts';
import type { Random } from '../../src/model/claim-id.ts';
import type { Introduced } from '../../src/model/limits.ts';
import type { Sighting, Unit } from '../../src/model/unit.ts';
import { WorkOrderDefinition, type WorkOrder } from '../../src/model/work-order.ts';

/*
 * The projections in plain Maps: the argument that `decide` takes, without a database. It refuses what the stores'
 * keys and triggers refuse, so that a decision which would break them breaks a test first.
 */

export interface Projections {
  products: Map<string, Product>;
  stations: Map<string, Station>;
  workOrders: Map<string, WorkOrder>;
  shippingLists: Map<string, ShippingList>;
  /** The newest revision of each label template. */
  templates: Map<string, { revision: number; hash: string }>;
  revisions: Map<string, { hash: string; seq: number }>;
  approvals: Map<string, Set<number>>;
  renderSets: Map<string, number>;
  labelContents: Set<string>;
  units: Map<string, Unit>;
  /** product, property and value → Claim ID. */
  identities: Map<string, string>;
  /** Property and value of each identity that a void unit had. */
  formerIdentities: Set<string>;
  counters: Map<string, number>;
  printers: Map<string, KeptPrinter>;
  jobs: Map<number, PrintJob>;
  /** By hash, as hexadecimal text. */
  credentials: Map<string, Credential>;
  people: Map<string, Person>;
  checkpoints: Map<number, KeptCheckpoint>;
  /** By the key of the credential or person. */
  nonces: Map<string, string>;
  /** Commitment → the event that made it. */
  access: Map<string, number>;
  covered: number | undefined;
  introduced: Map<string, Introduced>;
  invented: Map<string, { day: number; count: number }>;
  sightings: Map<number, Sighting>;
  importing: Importing | undefined;
  /** The stored parts of an import in parts, by number. */
  parts: Map<number, string>;
  events: number;
}

export interface MapLedger {
  seen: Seen;
  tables: Projections;
  events: Event[];
  lines: string[];
  /** Decides and appends, at a time of its own. Throws the refusal; then nothing was appended. */
  record: <C extends Command>(command: C, random?: Random) => Answer<C>;
  /** The next commands happen at this time, ms since 1970. */
  setClock: (at: number) => void;
  clock: () => number;
}

/** Wednesday of ISO week 48 in 2026. */
export const NOON = Date.UTC(2026, 10, 25, 12);

export function openMapLedger(random: Random = countingRandom()): MapLedger {
  const tables = emptyProjections();
  const events: Event[] = [];
  const seen = seenOf(tables, events);
  const lines: string[] = [];
  let clock = NOON;
  return {
    seen,
    tables,
    events,
    lines,
    setClock: (at) => void (clock = at),
    clock: () => clock,
    record: <C extends Command>(command: C, source = random) => {
      const decision = decide(seen, command, clock, source);
      for (const happening of decision.events) {
        const event = { ...happening, seq: events.length + 1, at: clock };
        for (const row of project(event, seen)) save(tables, row);
        events.push(event);
        tables.events++;
        lines.push(lineOf(event));
      }
      for (const row of decision.kept ?? []) keep(tables, row);
      return decision.answer as Answer<C>;
    },
  };
}

/** The projections that follow from the lines alone. */
export function rebuild(lines: string[]): Projections {
  const tables = emptyProjections();
  const seen = seenOf(tables, []);
  for (const line of lines) {
    for (const row of project(readEvent(line), seen)) save(tables, row);
    tables.events++;
  }
  return tables;
}

function emptyProjections(): Projections {
  return {
    products: new Map(),
    stations: new Map(),
    workOrders: new Map(),
    shippingLists: new Map(),
    templates: new Map(),
    revisions: new Map(),
    approvals: new Map(),
    renderSets: new Map(),
    labelContents: new Set(),
    units: new Map(),
    identities: new Map(),
    formerIdentities: new Set(),
    counters: new Map(),
    printers: new Map(),
    jobs: new Map(),
    credentials: new Map(),
    people: new Map(),
    checkpoints: new Map(),
    nonces: new Map(),
    access: new Map(),
    covered: undefined,
    introduced: new Map(),
    invented: new Map(),
    sightings: new Map(),
    importing: undefined,
    parts: new Map(),
    events: 0,
  };
}

const unitsIn = (part: string): ImportedUnit[] => JSON.parse(part) as ImportedUnit[];

const key = (...parts: string[]): string => JSON.stringify(parts);

const unlessRemoved = <T extends { removed?: true }>(row: T | undefined): T | undefined =>
  row?.removed ? undefined : row;

function seenOf(tables: Projections, events: Event[]): Seen {
  const { products, stations, workOrders, units, identities, counters, printers, jobs, credentials, people } = tables;
  const withNonce = (row: AccessRow): AccessRow => {
    const nonce = tables.nonces.get(keyOf(row));
    return nonce === undefined ? row : { ...row, nonce };
  };
  return {
    product: (id) => {
      return unlessRemoved(products.get(id));
    },
    products: () => [...products.values()].filter(({ removed }) => !removed),
    workOrders: () => [...workOrders.values()].filter(({ removed }) => !removed),
    workOrderOf: (product) => [...workOrders.values()].find((one) => one.product === product && !one.removed),
    orderHasUnit: (id) => [...units.values()].some(({ workOrder }) => workOrder === id),
    station: (name) => unlessRemoved(stations.get(name)),
    stations: () => [...stations.values()].filter(({ removed }) => !removed),
    workOrder: (id) => unlessRemoved(workOrders.get(id)),
    shippingList: (id) => tables.shippingLists.get(id),
    template: (name) => tables.templates.get(name),
    templateRevision: (name, revision) => {
      const found = tables.revisions.get(`${name} ${revision}`);
      return found && { hash: found.hash, by: events[found.seq - 1]?.actor ?? '' };
    },
    approvedRevisions: (name) => [...(tables.approvals.get(name) ?? [])].toSorted((a, b) => a - b),
    renderSet: (hash) => tables.renderSets.get(hash),
    lastRenderSet: () => tables.renderSets.size,
    hasLabelContent: (hash) => tables.labelContents.has(hash),
    unit: (uci) => units.get(uci),
    voidBySerial: (serial) =>
      [...units.values()].findLast((one) => one.serial === serial && one.facts.void !== undefined),
    importing: () => tables.importing,
    importParts: () => {
      const [part] = [...tables.parts.keys()].toSorted((a, b) => a - b);
      const units = part === undefined ? undefined : tables.parts.get(part);
      return {
        first: part === undefined || units === undefined ? undefined : { part, units },
        isLast: tables.parts.size < 2,
      };
    },
    claimed: (claim) =>
      [...tables.parts.values()]
        .flatMap(unitsIn)
        .flatMap(claimsOf)
        .some((one) => JSON.stringify(one) === JSON.stringify(claim)),
    claimantsOf: (serial) =>
      [...tables.parts.values()]
        .flatMap(unitsIn)
        .flatMap((unit) => (unit.serial !== undefined && isLike(unit.serial, serial) ? [unit.product] : [])),
    unitBySerial: (product, serial) =>
      [...units.values()].find(
        (unit) => unit.product === product && unit.serial === serial && unit.facts.void === undefined,
      ),
    unitsBySerial: (serial) =>
      [...units.values()].filter(
        (unit) => unit.serial !== undefined && isLike(unit.serial, serial) && unit.facts.void === undefined,
      ),
    unitsByIdentity: (product, one) =>
      [...identities].flatMap(([name, uci]) => {
        const [of, property, value] = JSON.parse(name) as [string, string, string];
        const isSame = [undefined, of].includes(product) && property === one[0] && isSameValue(value, one);
        const unit = isSame ? units.get(uci) : undefined;
        return unit === undefined ? [] : [unit];
      }),
    wasIdentity: (property, value) =>
      [...tables.formerIdentities].some((name) => {
        const [of, former] = JSON.parse(name) as [string, string];
        return of === property && isSameValue(former, identityOfNumber(property, value));
      }),
    countIdentities: (property, from, to) => {
      const nameOf = (value: string): string => identityOfNumber(property, value)[2] ?? value;
      const names = [...identities.keys(), ...tables.formerIdentities].flatMap((name) => {
        const [of, value = ''] = (JSON.parse(name) as string[]).slice(-2);
        return of === property ? nameOf(value) : [];
      });
      const isWithin = (name: string): boolean =>
        name.length === nameOf(from).length && name >= nameOf(from) && name <= nameOf(to);
      return new Set(names.filter(isWithin)).size;
    },
    identityOf: (unit) =>
      new Map(
        [...identities]
          .filter(([, uci]) => uci === unit.uci)
          .map(([name]) => (JSON.parse(name) as string[]).slice(1) as [string, string]),
      ),
    codes: () => codesIn(tables),
    lastOf: ({ lastSeq }) => {
      const event = events.find(({ seq }) => seq === lastSeq);
      if (event === undefined) throw new Error(`there is no event ${lastSeq}`);
      return event;
    },
    lastIssuedAt: (station, last) => ({
      issued: events
        .slice(-last)
        .filter((event) => event.type === 'issued')
        .filter((event) => event.station === station)
        .toReversed(),
      from: events.at(-last - 1)?.at ?? -Infinity,
    }),
    printer: (name) => unlessRemoved<KeptPrinter>(printers.get(name)),
    printJob: (id) => jobs.get(id),
    openPrintJobs: (asked) =>
      [...jobs.values()].filter(
        (job) =>
          (job.state === 'queued' || job.state === 'sending') &&
          (!('station' in asked) || job.station === asked.station) &&
          (!('uci' in asked) || job.uci === asked.uci) &&
          (!('printer' in asked) || job.printer === asked.printer),
      ),
    counter: (product, prefix) => counters.get(key(product, prefix)) ?? 0,
    credential: (hash) => credentials.get(hex(hash)),
    credentials: (kind, name) => [...credentials.values()].filter((one) => one.kind === kind && one.name === name),
    person: (name) => people.get(name),
    people: () => [...people.values()],
    checkpoints: () => [...tables.checkpoints.values()].toSorted((a, b) => b.size - a.size).slice(0, 2),
    access: () => [
      ...[...credentials.values()].map((credential): AccessRow => withNonce({ table: 'credential', credential })),
      ...[...people.values()].map((person): AccessRow => withNonce({ table: 'person', person })),
    ],
    nonce: (row) => tables.nonces.get(keyOf(row)),
    committedAt: (commitment) => tables.access.get(commitment),
    accessCovered: () => tables.covered,
    introduced: (what) => tables.introduced.get(what),
    invented: (source) => tables.invented.get(source),
    sighting: (unit) => tables.sightings.get(unit.id),
    issuedOf: ({ issuedSeq }) => {
      const event = events.find(({ seq }) => seq === issuedSeq);
      return event?.type === 'issued' ? event : undefined;
    },
    medianTime: () => medianOf(events.slice(-COMPARED_EVENTS).map(({ at }) => at)),
    size: () => tables.events,
  };
}

function codesIn({ units, identities }: Projections): KnownCodes {
  const serials = (): string[] =>
    [...units.values()].flatMap(({ serial, facts }) =>
      serial === undefined || facts.void !== undefined ? [] : serial,
    );
  const values = (): IdentityValue[] =>
    [...identities.keys()].map((name) => {
      const [, property = '', value = ''] = JSON.parse(name) as string[];
      return { property, value };
    });
  return {
    hasClaimId: (uci) => units.has(uci),
    beginsClaimId: (begin) => [...units.keys()].some((uci) => uci.startsWith(begin)),
    serials: (text) => [...new Set(serials().filter((serial) => serial.toLowerCase() === text.toLowerCase()))],
    beginsSerial: (begin) => serials().some((serial) => serial.toLowerCase().startsWith(begin.toLowerCase())),
    sampleSerials: () => serials().slice(-1),
    identities: (value) =>
      values().filter((one) => one.value === value || isSameValue(one.value, ['mac', value, identityKey(value) ?? ''])),
    beginsIdentity: (digits) => values().some(({ value }) => identityKey(value)?.startsWith(digits)),
  };
}

function save(tables: Projections, row: Row): void {
  switch (row.table) {
    case 'unit':
      return saveUnit(tables, row.unit, row.before);
    case 'identity': {
      const name = key(row.unit.product, row.property, row.value);
      const bound = [...tables.identities].some(
        ([other, uci]) => uci === row.unit.uci && (JSON.parse(other) as string[])[1] === row.property,
      );
      if (tables.identities.has(name) || bound) throw new Error(`identity ${name} is bound already`);
      tables.identities.set(name, row.unit.uci);
      return;
    }
    case 'freed-identity':
      for (const [name, uci] of tables.identities) {
        if (uci !== row.unit.uci) continue;
        tables.identities.delete(name);
        const [, property = '', value = ''] = JSON.parse(name) as string[];
        tables.formerIdentities.add(key(property, value));
      }
      return;
    case 'counter':
      tables.counters.set(key(row.product, row.prefix), row.count);
      return;
    case 'printer':
      tables.printers.set(row.printer.name, row.printer);
      return;
    case 'print-job':
      tables.jobs.set(row.job.id, row.job);
      return;
    case 'product':
      tables.products.set(row.product.id, Object.freeze(row.product));
      return;
    case 'station':
      tables.stations.set(row.station.name, Object.freeze(row.station));
      return;
    case 'access':
      if (tables.access.has(row.committed.commitment)) throw new Error('a commitment was made twice');
      tables.access.set(row.committed.commitment, row.seq);
      return;
    case 'ended-access':
      if (!tables.access.delete(row.committed.commitment)) throw new Error('a commitment ends that is not there');
      return;
    case 'access-covered':
      tables.access.clear();
      tables.covered = row.seq;
      return;
    case 'return':
    case 'access-event':
      // Decisions read no events.
      return;
    case 'shipment':
    case 'dropped-shipment':
      // Decisions read no shipments.
      return;
    case 'label-revision':
      if ((tables.templates.get(row.name)?.revision ?? 0) + 1 !== row.revision)
        throw new Error('a revision is missing');
      tables.templates.set(row.name, { revision: row.revision, hash: row.hash });
      tables.revisions.set(`${row.name} ${row.revision}`, { hash: row.hash, seq: row.seq });
      return;
    case 'label-approval':
      tables.approvals.set(row.name, new Set([...(tables.approvals.get(row.name) ?? []), row.revision]));
      return;
    case 'dropped-label-approval':
      if (tables.approvals.get(row.name)?.delete(row.revision) !== true) throw new Error('an approval is missing');
      return;
    case 'render-set':
      if (tables.renderSets.size + 1 !== row.number) throw new Error('a render set is missing');
      tables.renderSets.set(row.hash, row.number);
      return;
    case 'shipping-list':
      if (row.list.units < 0) throw new Error(`shipping list ${row.list.id} has fewer than no units`);
      tables.shippingLists.set(row.list.id, Object.freeze(row.list));
      return;
    case 'work-order':
      if (row.workOrder.units < 0) throw new Error(`work order ${row.workOrder.id} has fewer than no units`);
      tables.workOrders.set(row.workOrder.id, Object.freeze(row.workOrder));
  }
}

function saveUnit({ products, units }: Projections, unit: Unit, before: Unit | undefined): void {
  if (!products.has(unit.product)) throw new Error(`unit of an unknown product ${unit.product}`);
  if (units.get(unit.uci) !== before) throw new Error('a unit was made twice');
  if (before && (before.id !== unit.id || before.product !== unit.product)) throw new Error('a unit changed its kind');
  const twin = [...units.values()].find(
    (other) =>
      other.uci !== unit.uci &&
      other.product === unit.product &&
      other.serial === unit.serial &&
      unit.serial !== undefined &&
      other.facts.void === undefined &&
      unit.facts.void === undefined,
  );
  if (twin) throw new Error(`S/N ${unit.serial} is there twice`);
  Object.freeze(unit.facts);
  units.set(unit.uci, Object.freeze(unit));
}

/** Bytes from a counter: different on every draw, the same in every run. */
export function countingRandom(): Random {
  let draw = 0;
  return (size) => {
    draw++;
    return Uint8Array.from({ length: size }, (_, i) => (draw >>> (5 * (size - 1 - i))) & 31);
  };
}

/** A small, good enough generator (mulberry32): the same numbers for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) & 255;
  };
  return (size) => Uint8Array.from({ length: size }, next);
}

/* What the tests say most often. */

export const PRODUCT = '01G8YJKKRNTHW213TRZYX3YH0M';

/** An agent's request, read from a body as the service reads it. */
export function agent(body: object | undefined, where: Partial<IssueRequest> = {}): IssueRequest {
  const bytes = new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body));
  return {
    kind: 'issue',
    ...readBody(bytes, DEFAULT_IDENTITY),
    station: 'default',
    source: '10.0.0.7',
    strict: false,
    ...where,
  };
}

export function device(identity: object = {}, where: Partial<IssueRequest> = {}): IssueRequest {
  return agent({ product: PRODUCT, name: 'Ioto Device', ...identity }, where);
}

export function product(settings: Partial<Product> = {}): ProductAsSet {
  const others = settings.id === undefined ? { serialPattern: '{yy}{ww}{seq:5}' } : {};
  return withPattern(Product.parse({ id: PRODUCT, ...others, ...settings }), { others: [], site: undefined });
}

export function station(settings: Partial<StationDefinition> = {}): StationDefinition {
  return StationDefinition.parse({ name: 'default', ...settings });
}

export function workOrder(settings: Partial<WorkOrderDefinition> = {}): WorkOrderDefinition {
  return WorkOrderDefinition.parse({ id: 'WO-1', product: PRODUCT, planned: 3, ...settings });
}

export function printer(settings: { name: string; dpi?: number }): Printer {
  return Printer.parse({ kind: 'raw9100', host: '192.0.2.9', ...settings });
}

/** A ledger with one station and one product. */
export function openLine(
  settings: { product?: Partial<Product>; station?: Partial<StationDefinition>; random?: Random } = {},
): MapLedger {
  const ledger = openMapLedger(settings.random);
  ledger.record({ kind: 'set-product', product: product(settings.product), actor: 'admin' });
  ledger.record({ kind: 'set-station', station: station(settings.station), actor: 'admin' });
  return ledger;
}

/** The code of the refusal. Anything else that is thrown is a defect and goes on. */
export function refusal(act: () => unknown): ErrorCode | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof ClaimstampError) return error.code;
    throw error;
  }
}

const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');

function keep(tables: Projections, row: Kept): void {
  const { credentials, people, checkpoints, nonces } = tables;
  if (row.table === 'dropped-credential') nonces.delete(credentialKey(row.hash));
  else if ((row.table === 'credential' || row.table === 'person') && row.nonce) nonces.set(keyOf(row), row.nonce);
  if (row.table === 'checkpoint') checkpoints.set(row.checkpoint.size, row.checkpoint);
  else if (row.table === 'dropped-checkpoint') checkpoints.delete(row.size);
  else if (row.table === 'person') people.set(row.person.name, row.person);
  else if (row.table === 'introduced') tables.introduced.set(row.what, row);
  else if (row.table === 'invented') tables.invented.set(row.source, row);
  else if (row.table === 'sighting') tables.sightings.set(row.unit, row.sighting);
  else if (row.table === 'snooze') return;
  else if (row.table === 'label-content') tables.labelContents.add(row.hash);
  else if (row.table === 'import') tables.importing = row.row;
  else if (row.table === 'import-part') tables.parts.set(row.part, row.units);
  else if (row.table === 'dropped-import-part') tables.parts.delete(row.part);
  else if (row.table === 'dropped-credential') credentials.delete(hex(row.hash));
  else {
    const { hash, kind, name } = row.credential;
    if (hash.length !== 32) throw new Error('a hash has 32 bytes');
    const twin = [...credentials.values()].find((one) => one.kind === 'token' && one.name === name);
    if (kind === 'token' && twin && hex(twin.hash) !== hex(hash)) throw new Error(`token ${name} is there twice`);
    credentials.set(hex(hash), row.credential);
  }
}

function isLike(serial: string, other: string): boolean {
  return serial.length === other.length && serial.toLowerCase() === other.toLowerCase();
}
