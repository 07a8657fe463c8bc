import type Database from 'better-sqlite3';
import { existing } from './existing.ts';
import { timesIn } from '../decide/clock/accept-clock.ts';
import { countersIn } from '../decide/forecasts/counters.ts';
import type { CounterFact, Snooze } from '../decide/forecasts/forecast.ts';
import { scansOf, type CodeIdentity, type Scan } from '../decide/scans/codes.ts';
import type { Times } from '../model/clock.ts';
import type { KeptCheckpoint } from '../proof/checkpoint.ts';
import type { Credential } from '../model/credential.ts';
import type { Person } from '../model/person.ts';
import { parseLine, type Event } from '../model/event.ts';
import { readEvent } from '../model/event-check.ts';
import type { Figures } from '../model/figures.ts';
import type {
  AccessPage,
  FeedLines,
  FeedPage,
  PrintJobPage,
  UnitHistory,
  UnitList,
  UnitPage,
} from '../contract/ledger.ts';
import { consistencyProof, inclusionProof, rootAt, rootOf, unpackRange } from '../proof/tree.ts';
import type { PrintJob } from '../model/print-job.ts';
import type { UnitNumbers } from '../model/masking.ts';
import type { Importing } from '../model/imports/importing.ts';
import type { Introduced } from '../model/limits.ts';
import type { KeptPrinter } from '../model/printer.ts';
import type { Product } from '../model/product.ts';
import type { ShippingList } from '../model/shipping/shipping-list.ts';
import type { Station } from '../model/station.ts';
import type { Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';
import { keysOf } from '../platform/own.ts';
import type { ExceptionCounts } from '../contract/exceptions.ts';
import { openAccessPages } from './access-events.ts';
import { openExceptionCounts } from './exception-rows.ts';
import { openFeedPages } from './feed/feed-pages.ts';
import type { ReturnedUnit, ReturnPage, ReturnSummary } from '../contract/returns.ts';
import { openForReading } from './open.ts';
import { openReturnPages } from './return-pages.ts';
import { jobFrom, SELECT_JOB, type JobRow } from './job-row.ts';
import { openSubtreeHashes } from './subtrees.ts';
import { openTables, type Tables } from './tables.ts';
import type { LabelRows } from './label-rows.ts';
import type { RenderSets } from './render-sets.ts';
import type { ShippingPages } from './shipping-rows.ts';
import { SELECT_HEAD, type HeadRow } from './tree-head.ts';
import { openUnitNumbers } from './unit-numbers.ts';
import { openUnitPages } from './unit-pages.ts';

/** Reads committed data over a connection of its own, so that reads and commits never wait for each other. */
export interface Reader {
  unit: (uci: string) => UnitHistory | undefined;
  units: (page: UnitPage) => UnitList;
  exceptions: (before: number) => ExceptionCounts;
  returns: (page: ReturnPage) => ReturnSummary[];
  returned: (
    rma: string,
    after: number,
    limit: number,
  ) => { summary: ReturnSummary; units: ReturnedUnit[] } | undefined;
  scanned: (sent: string, at: { station?: string | undefined; identity: CodeIdentity }) => Scan[];
  unitNumbers: (beginnings: string[], products: readonly string[] | 'all') => UnitNumbers;
  bodies: (units: Unit[]) => (string | undefined)[];
  printer: (name: string) => KeptPrinter | undefined;
  printers: () => KeptPrinter[];
  printJobs: (page: PrintJobPage) => PrintJob[];
  openPrintJobs: (printer: string) => PrintJob[];
  product: (id: string) => Product | undefined;
  products: () => Product[];
  station: (name: string) => Station | undefined;
  stations: () => Station[];
  hadName: (kind: 'product' | 'station', name: string) => boolean;
  credential: (hash: Uint8Array) => Credential | undefined;
  credentials: (kind: Credential['kind']) => Credential[];
  person: (name: string) => Person | undefined;
  people: () => Person[];
  times: () => Times;
  introduced: (what: string) => Introduced | undefined;
  importing: () => Importing | undefined;
  workOrder: (id: string) => WorkOrder | undefined;
  workOrders: () => WorkOrder[];
  closing: (seq: number) => Figures;
  signedOff: (uci: string, seq: number) => string | undefined;
  shippingList: (id: string) => ShippingList | undefined;
  shippingLists: ShippingPages['shippingLists'];
  shipments: ShippingPages['shipments'];
  template: LabelRows['template'];
  templates: LabelRows['templates'];
  templateRevisions: LabelRows['revisions'];
  approvedTemplate: LabelRows['approved'];
  approvals: LabelRows['approvals'];
  approvalRequests: LabelRows['approvalRequests'];
  renderSet: RenderSets['find'];
  labelContent: RenderSets['content'];
  logo: LabelRows['logo'];
  logos: LabelRows['logos'];
  accessEvents: (page: AccessPage) => string[];
  feed: (page: FeedPage) => FeedLines;
  counters: (now: number, site?: string) => CounterFact[];
  snoozes: () => Snooze[];
  head: () => { size: number; root: Uint8Array };
  rootAt: (size: number) => Uint8Array | undefined;
  inclusion: (seqs: number[], size: number) => Uint8Array[][];
  consistency: (from: number, to: number) => Uint8Array[];
  checkpoint: (size?: number) => KeptCheckpoint | undefined;
  synchronous: () => number;
  close: () => void;
}

export function openReader(file: string): Reader {
  const db = openForReading(file);
  const tables = openTables(db);
  const unitHistory = openUnitHistory(db, tables.seen);
  const line = db.prepare<[number], string>(`SELECT line FROM event WHERE seq = ?`).pluck();
  const pages = openUnitPages(db, tables.seen);
  // These statements name indexes of the newest schema, so they are prepared only when they are needed.
  let counts: ReturnType<typeof openExceptionCounts> | undefined;
  const exceptions = () => (counts ??= openExceptionCounts(db));
  const jobs = openJobPages(db);
  const returns = openReturnPages(db, tables.seen);

  /** Drops the names that were cached in an earlier snapshot, and then runs `read` in one snapshot. */
  const snapshot = <T>(read: () => T): T => {
    tables.forget();
    return db.transaction(read).deferred();
  };

  return {
    unit: (uci) => snapshot(() => unitHistory(uci)),
    units: (page) => snapshot(() => pages(page)),
    exceptions: (before) => snapshot(() => exceptions()(before)),
    returns: (page) => snapshot(() => returns.list(page)),
    returned: (rma, after, limit) =>
      snapshot(() => {
        const summary = returns.one(rma);
        return summary && { summary, units: returns.units(rma, after, limit) };
      }),
    scanned: (sent, { station, identity }) =>
      snapshot(() =>
        scansOf(tables.seen, sent, station === undefined ? undefined : tables.seen.station(station), identity),
      ),
    unitNumbers: openUnitNumbers(db),
    bodies: (units) =>
      units.map(({ issuedSeq }) =>
        issuedSeq === undefined ? undefined : parseLine(existing(line.get(issuedSeq))).attributes,
      ),
    printer: (name) => snapshot(() => tables.seen.printer(name)),
    printers: () => snapshot(() => tables.printers()),
    openPrintJobs: (printer) => snapshot(() => tables.seen.openPrintJobs({ printer })),
    printJobs: jobs,
    product: (id) => snapshot(() => tables.seen.product(id)),
    products: () => snapshot(() => tables.seen.products()),
    station: (name) => snapshot(() => tables.seen.station(name)),
    stations: () => snapshot(() => tables.seen.stations()),
    hadName: (kind, name) => snapshot(() => tables.hadName(kind, name)),
    credential: (hash) => tables.seen.credential(hash),
    credentials: (kind) => tables.credentials(kind),
    person: (name) => tables.seen.person(name),
    people: () => tables.seen.people(),
    times: () => snapshot(() => timesIn(tables.seen)),
    introduced: (what) => tables.seen.introduced(what),
    importing: () => snapshot(() => tables.seen.importing()),
    workOrder: (id) => snapshot(() => tables.seen.workOrder(id)),
    workOrders: () => snapshot(() => tables.workOrders()),
    ...openClosings((seq) => existing(line.get(seq))),
    shippingList: (id) => snapshot(() => tables.seen.shippingList(id)),
    shippingLists: (page) => snapshot(() => tables.shipping.shippingLists(page)),
    shipments: (page) => snapshot(() => tables.shipping.shipments(page)),
    ...openLabelReads(tables, snapshot),
    accessEvents: openAccessPages(db),
    feed: openFeedPages(db),
    counters: (now, site) => snapshot(() => countersIn(tables.seen, now, site)),
    snoozes: () => tables.snoozes(),
    ...openTreeReads(db, snapshot),
    checkpoint: (size) => tables.checkpoint(size),
    synchronous: () => Number(db.pragma('synchronous', { simple: true })),
    close: () => db.close(),
  };
}

/** An event never changes, so the figures of each closing are read only once. */
function openClosings(lineOf: (seq: number) => string): Pick<Reader, 'closing' | 'signedOff'> {
  const known = new Map<number, Figures>();
  const closingAt = (seq: number): Event<'work-order-closed'> => {
    const event = readEvent(lineOf(seq));
    if (event.type !== 'work-order-closed') throw new Error(`event ${seq} does not close a work order`);
    known.set(seq, event.data.figures);
    return event;
  };
  return {
    closing: (seq) => known.get(seq) ?? closingAt(seq).data.figures,
    signedOff(uci, seq) {
      // The closing of a large work order may name many units, so its line is parsed only if it contains this unit.
      if (!lineOf(seq).includes(uci)) return undefined;
      return closingAt(seq).data.signedOff.find(({ units }) => units.includes(uci))?.reason;
    },
  };
}

/**
 * The conditions for pages of print jobs. For each of these conditions, there is an index with the jobs in the order of
 * the page.
 */
const JOB_FILTERS = {
  printer: `print_job.printer = (SELECT id FROM printer WHERE name = @printer)`,
  station: `print_job.station = (SELECT id FROM station WHERE name = @station)`,
  state: `print_job.state = @state`,
};

function openJobPages(db: Database.Database): Reader['printJobs'] {
  const prepared = new Map<string, Database.Statement<[PrintJobPage], JobRow>>();
  return (page) => {
    const filters = keysOf(JOB_FILTERS).filter((name) => page[name] !== undefined);
    const where = ['print_job.id < @before', ...filters.map((name) => JOB_FILTERS[name])].join(' AND ');
    const sql = `${SELECT_JOB} WHERE ${where} ORDER BY print_job.id DESC LIMIT @limit`;
    const statement = prepared.get(sql) ?? db.prepare<[PrintJobPage], JobRow>(sql);
    prepared.set(sql, statement);
    return statement.all(page).map(jobFrom);
  };
}

function openUnitHistory(db: Database.Database, seen: Tables['seen']): Reader['unit'] {
  const history = db
    .prepare<[number], string>(
      `WITH RECURSIVE chain (seq, line, prev) AS (
         SELECT seq, line, prev FROM event WHERE seq = ?
         UNION ALL SELECT event.seq, event.line, event.prev FROM event JOIN chain ON event.seq = chain.prev)
       SELECT line FROM chain ORDER BY seq`,
    )
    .pluck();
  const repeats = db.prepare<[number], { count: number; lastAt: number }>(
    `SELECT count, last_at AS lastAt FROM repeat WHERE unit = ?`,
  );
  return (uci) => {
    const unit = seen.unit(uci);
    if (unit === undefined) return undefined;
    const changes = seen.sighting(unit)?.changes;
    return {
      unit,
      ...(changes === undefined ? {} : { sourceChanges: changes }),
      identity: [...seen.identityOf(unit)],
      lines: history.all(unit.lastSeq),
      repeats: repeats.get(unit.id),
    };
  };
}

/** Reads the label templates, and the render sets of printed labels. */
function openLabelReads(
  { labels, renderSets }: Tables,
  snapshot: <T>(read: () => T) => T,
): Pick<
  Reader,
  | 'template'
  | 'templates'
  | 'templateRevisions'
  | 'approvedTemplate'
  | 'approvals'
  | 'approvalRequests'
  | 'renderSet'
  | 'labelContent'
  | 'logo'
  | 'logos'
> {
  return {
    template: (name, revision) => snapshot(() => labels.template(name, revision)),
    templates: () => snapshot(() => labels.templates()),
    templateRevisions: (page) => snapshot(() => labels.revisions(page)),
    approvedTemplate: (name) => snapshot(() => labels.approved(name)),
    approvals: (name) => snapshot(() => labels.approvals(name)),
    approvalRequests: () => snapshot(() => labels.approvalRequests()),
    renderSet: (by) => snapshot(() => renderSets.find(by)),
    labelContent: renderSets.content,
    logo: (name, revision) => snapshot(() => labels.logo(name, revision)),
    logos: () => snapshot(() => labels.logos()),
  };
}

/** Reads the tree head, and makes proofs from the stored subtrees. */
function openTreeReads(
  db: Database.Database,
  snapshot: <T>(read: () => T) => T,
): Pick<Reader, 'head' | 'rootAt' | 'inclusion' | 'consistency'> {
  const head = db.prepare<[], HeadRow>(SELECT_HEAD);
  const readHead = (): HeadRow => existing(head.get());
  const hashes = openSubtreeHashes(db);
  return {
    head: () => {
      const { size, range } = readHead();
      return { size, root: rootOf(unpackRange(size, range)) };
    },
    rootAt: (size) => snapshot(() => (size > readHead().size ? undefined : rootAt(size, hashes()))),
    inclusion: (seqs, size) =>
      snapshot(() => {
        const hashOf = hashes();
        return seqs.map((seq) => inclusionProof(seq - 1, size, hashOf));
      }),
    consistency: (from, to) => snapshot(() => consistencyProof(from, to, hashes())),
  };
}
