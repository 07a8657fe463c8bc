import { existing } from './existing.ts';
import type Database from 'better-sqlite3';
import { openFormerIdentities } from './former-identity.ts';
import { hasValue, IDENTITY_BY_CODE, selectByKey } from './identity-key.ts';
import type { KeptPrinter } from '../model/printer.ts';
import type { KeptCheckpoint } from '../proof/checkpoint.ts';
import type { Credential } from '../model/credential.ts';
import type { Snooze } from '../decide/forecasts/forecast.ts';
import type { Kept, Row, Seen } from '../decide/seen.ts';
import { readEvent } from '../model/event-check.ts';
import { parseLine, type Event } from '../model/event.ts';
import type { Identity } from '../model/body.ts';
import type { Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';
import { openCheckpoints } from './checkpoints.ts';
import { openCredentials } from './credentials.ts';
import { forgetNames, openNames, type Names } from './named-rows.ts';
import { openRecentTimes } from './recent-times.ts';
import { openScanCodes } from './scan-codes.ts';
import { openSave } from './save-rows.ts';
import { openLabelRows, type LabelRows } from './label-rows.ts';
import { openRenderSets, type RenderSets } from './render-sets.ts';
import { openShippingPages, type ShippingPages } from './shipping-rows.ts';
import { openSourceRows } from './source-rows.ts';
import { openSnoozeRows } from './snooze-rows.ts';
import { openImportRows } from './import-rows.ts';
import { openScopes, type Scopes } from './report-scope.ts';
import { jobFrom, SELECT_JOB, selectJob, type JobRow } from './job-row.ts';
import {
  hasSerial,
  isLikeSerial,
  SELECT_UNIT,
  UNIT_BY_SERIAL,
  UNIT_COLUMNS,
  unitFrom,
  type UnitRow,
} from './unit-row.ts';

/** The tables of one connection, with look-ups for decisions and functions that save rows. */
export interface Tables {
  seen: Seen;
  workOrders: () => WorkOrder[];
  printers: () => KeptPrinter[];
  /** True if there is or was a product or a station with this name. */
  hadName: (kind: 'product' | 'station', name: string) => boolean;
  save: (row: Row) => void;
  keep: (row: Kept) => void;
  credentials: (kind: Credential['kind']) => Credential[];
  checkpoint: (size?: number) => KeptCheckpoint | undefined;
  snoozes: () => Snooze[];
  scopes: Scopes;
  shipping: ShippingPages;
  labels: LabelRows;
  renderSets: RenderSets;
  /** Must be called for each event that was appended. */
  appended: (event: Event) => void;
  /** Empties the caches. The caller must call `forget` after a rollback, because the caches may be wrong then. */
  forget: () => void;
}

export function openTables(db: Database.Database): Tables {
  const names = openNames(db);
  const credentials = openCredentials(db);
  const checkpoints = openCheckpoints(db);
  const sources = openSourceRows(db);
  const snoozes = openSnoozeRows(db);
  const imports = openImportRows(db);
  const scopes = openScopes(db, names);
  const times = openRecentTimes(db);
  const labels = openLabelRows(db);
  const renderSets = openRenderSets(db);
  const { seen, forgetAbsent } = openSeen(db, names, {
    ...credentials.seen,
    ...sources.seen,
    ...imports.seen,
    ...renderSets.seen,
    ...labels.seen,
    ...openFormerIdentities(db),
    template: labels.newest,
    medianTime: times.median,
    workOrders: () => names.workOrders.all(),
    workOrderOf: (product) => names.workOrders.all().find((one) => one.product === product),
    orderHasUnit: openOrderUse(db),
    checkpoints: checkpoints.newest,
  });
  const save = openSave(db, names);
  return {
    seen,
    workOrders: () => names.workOrders.all(),
    printers: () => names.printers.all(),
    hadName: (kind, name) => (kind === 'product' ? names.products : names.stations).idOf(name) !== undefined,
    keep: (row) => {
      if (row.table === 'checkpoint' || row.table === 'dropped-checkpoint') checkpoints.keep(row);
      else if (row.table === 'introduced' || row.table === 'invented' || row.table === 'sighting') sources.keep(row);
      else if (row.table === 'snooze') snoozes.keep(row);
      else if (row.table === 'label-content') renderSets.keep(row);
      else if (row.table === 'import' || row.table === 'import-part' || row.table === 'dropped-import-part')
        imports.keep(row);
      else credentials.keep(row);
    },
    checkpoint: checkpoints.find,
    snoozes: snoozes.all,
    scopes,
    shipping: openShippingPages(db, names),
    labels,
    renderSets,
    appended: times.add,
    credentials: credentials.list,
    save(row) {
      if (row.table === 'unit') forgetAbsent();
      save(row);
    },
    forget() {
      forgetAbsent();
      forgetNames(names);
      times.forget();
      imports.forget();
    },
  };
}

function openOrderUse(db: Database.Database): Seen['orderHasUnit'] {
  const any = db
    .prepare<[string], number>(
      `SELECT EXISTS (SELECT 1 FROM unit WHERE work_order = (SELECT id FROM work_order WHERE name = ?))`,
    )
    .pluck();
  return (id) => any.get(id) === 1;
}

/** The look-ups that `openSeen` itself adds. */
type Found =
  | 'product'
  | 'products'
  | 'station'
  | 'stations'
  | 'workOrder'
  | 'shippingList'
  | 'unit'
  | 'unitBySerial'
  | 'unitsBySerial'
  | 'voidBySerial'
  | 'unitsByIdentity'
  | 'identityOf'
  | 'codes'
  | 'printer'
  | 'printJob'
  | 'openPrintJobs'
  | 'counter'
  | 'lastIssuedAt'
  | 'size';

function openIdentities(
  db: Database.Database,
  names: Names,
  productId: (name: string) => number,
): Pick<Seen, 'unitsByIdentity' | 'identityOf'> {
  const byIdentity = db.prepare<[number, string, string], UnitRow>(
    `${SELECT_UNIT} WHERE id = (SELECT unit FROM identity WHERE product = ? AND property = ? AND value = ?)`,
  );
  const byKey = db.prepare<{ product: number; property: string; code: string }, UnitRow>(
    `${SELECT_UNIT} WHERE id IN (${selectByKey('unit', 'product = @product AND property = @property', '@code')}) LIMIT 2`,
  );
  const ofAllByValue = db.prepare<{ property: string; code: string }, UnitRow>(
    `${SELECT_UNIT} WHERE id IN (SELECT unit FROM ${IDENTITY_BY_CODE} WHERE property = @property AND ${hasValue('@code')})`,
  );
  const ofAllByKey = db.prepare<{ property: string; code: string }, UnitRow>(
    `${SELECT_UNIT} WHERE id IN (${selectByKey('unit', 'property = @property', '@code')})`,
  );
  const rowsOf = (product: string | undefined, [property, value, key]: Identity): UnitRow[] => {
    if (product === undefined)
      return key === undefined ? ofAllByValue.all({ property, code: value }) : ofAllByKey.all({ property, code: key });
    return key === undefined
      ? byIdentity.all(productId(product), property, value)
      : byKey.all({ product: productId(product), property, code: key });
  };
  const identity = db.prepare<[number], { property: string; value: string }>(
    `SELECT property, value FROM identity WHERE unit = ?`,
  );
  return {
    unitsByIdentity: (product, one) => rowsOf(product, one).map((row) => unitFrom(row, names)),
    identityOf: (unit) => {
      return new Map(identity.all(unit.id).map(({ property, value }) => [property, value]));
    },
  };
}

function openSeen(
  db: Database.Database,
  names: Names,
  others: Omit<Seen, Found>,
): { seen: Seen; forgetAbsent: () => void } {
  const { products, workOrders, stations, printers, shippingLists } = names;
  const readUnit = (row: UnitRow | undefined): Unit | undefined => row && unitFrom(row, names);
  const byUci = db.prepare<[string], UnitRow>(`${SELECT_UNIT} WHERE uci = ?`);
  const bySerial = db.prepare<{ product: number; serial: string }, UnitRow>(
    `SELECT ${UNIT_COLUMNS} FROM ${UNIT_BY_SERIAL} WHERE product = @product AND ${hasSerial('@serial')}`,
  );
  const ofAllBySerial = db.prepare<{ serial: string }, UnitRow>(
    `SELECT ${UNIT_COLUMNS} FROM ${UNIT_BY_SERIAL} WHERE ${isLikeSerial('@serial')}`,
  );
  const voidBySerial = db.prepare<[string], UnitRow>(
    `SELECT ${UNIT_COLUMNS} FROM unit INDEXED BY unit_void_serial
     WHERE serial = ? AND serial IS NOT NULL AND void_at IS NOT NULL ORDER BY id DESC LIMIT 1`,
  );
  const jobById = db.prepare<[number], JobRow>(`${SELECT_JOB} WHERE print_job.id = ?`);
  const openJobs = openOpenJobs(db);
  const size = db.prepare<[], number>(`SELECT coalesce(max(seq), 0) FROM event`).pluck();
  const counter = db
    .prepare<[number, string], number>(`SELECT last FROM serial_counter WHERE product = ? AND prefix = ?`)
    .pluck();

  // The last Claim ID that was looked up but not found. A new Claim ID is looked up twice: when it is drawn, and when
  // its event is saved.
  let absent = '';
  // Returns 0 for an unknown product. The number 0 matches nothing, because no row has the id 0.
  const productId = (name: string): number => products.idOf(name) ?? 0;
  const seen: Seen = {
    product: (id) => products.get(id),
    products: () => products.all(),
    station: (name) => stations.get(name),
    stations: () => stations.all(),
    workOrder: (id) => workOrders.get(id),
    shippingList: (id) => shippingLists.get(id),
    unit: (uci) => {
      if (uci === absent) return undefined;
      const unit = readUnit(byUci.get(uci));
      if (unit === undefined) absent = uci;
      return unit;
    },
    unitBySerial: (product, serial) => readUnit(bySerial.get({ product: productId(product), serial })),
    voidBySerial: (serial) => readUnit(voidBySerial.get(serial)),
    unitsBySerial: (serial) => ofAllBySerial.all({ serial }).map((row) => unitFrom(row, names)),
    ...openIdentities(db, names, productId),
    codes: openScanCodes(db),
    printer: (name) => printers.get(name),
    printJob: (id) => {
      const row = jobById.get(id);
      return row && jobFrom(row);
    },
    openPrintJobs: openJobs,
    counter: (product, prefix) => counter.get(productId(product), prefix) ?? 0,
    ...others,
    lastIssuedAt: openLastIssued(db),
    size: () => existing(size.get()),
  };
  return { seen, forgetAbsent: () => void (absent = '') };
}

/** Each of these three look-ups uses an index, because every decision to issue a Claim ID needs them. */
function openOpenJobs(db: Database.Database): Seen['openPrintJobs'] {
  const by = (condition: string, index: string): Database.Statement<[string], JobRow> =>
    db.prepare(
      `${selectJob(index)} WHERE ${condition} AND print_job.state IN ('queued', 'sending') ORDER BY print_job.id`,
    );
  const ofUnit = by('print_job.unit = (SELECT id FROM unit WHERE uci = ?)', 'print_job_unit');
  const ofStation = by('print_job.station = (SELECT id FROM station WHERE name = ?)', 'print_job_open_station');
  const ofPrinter = by('print_job.printer = (SELECT id FROM printer WHERE name = ?)', 'print_job_open');
  return (asked) => {
    if ('uci' in asked) return ofUnit.all(asked.uci).map(jobFrom);
    if ('station' in asked) return ofStation.all(asked.station).map(jobFrom);
    return ofPrinter.all(asked.printer).map(jobFrom);
  };
}

function openLastIssued(db: Database.Database): Seen['lastIssuedAt'] {
  const size = db.prepare<[], number>(`SELECT coalesce(max(seq), 0) FROM event`).pluck();
  const lineAt = db.prepare<[number], string>(`SELECT line FROM event WHERE seq = ?`).pluck();
  const issuedAt = db
    .prepare<[number, string], string>(
      `SELECT line FROM event WHERE seq > ? AND instr(line, '"type":"issued"') AND instr(line, ?) ORDER BY seq DESC`,
    )
    .pluck();
  return (station, events) => {
    const first = existing(size.get()) - events;
    const lines = issuedAt.all(first, `"station":${JSON.stringify(station)}`);
    const issued = lines.map(readEvent).filter((event) => event.type === 'issued');
    return {
      issued: issued.filter((event) => event.station === station),
      from: first < 1 ? -Infinity : parseLine(existing(lineAt.get(first))).at,
    };
  };
}
