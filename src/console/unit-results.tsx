import type { Answer } from '../http/client.ts';
import { isGrouped, parseEnding, parsePrefix } from '../model/claim-id.ts';
import { MIN_PART, searchText } from '../model/search/text.ts';
import { isKey } from '../platform/own.ts';
import { COMMON } from '../../words/console/common.ts';
import { SEARCH } from '../../words/console/search.ts';
import { UNITS } from '../../words/console/unit.ts';
import { Icon } from './icons.tsx';
import { Table, Time, UnitHead, type ColumnHead } from './parts.tsx';
import { Marked, whyBehind } from './search-suggestions.tsx';
import { productSaid, Status } from './unit-status.tsx';
import type { PageContext } from './pages.tsx';

export type List = Answer<'GET /v1/units'>;
export type Query = Record<string, string>;
type Row = Pick<List['units'][number], 'uci' | 'serial' | 'station' | 'workOrder' | 'status' | 'facts'> & {
  product?: string;
  found?: List['units'][number]['found'];
};

/** The parameters of the page's address that are not filters. */
export const NO_FILTERS = ['newest', 'after', 'sort'];

/**
 * The number of units on a page, and the larger number on a page that is sorted by a column: a list can be sorted only
 * if it fits on one page.
 */
export const ROWS = 50;
export const SORTED_ROWS = 500;

const COLUMNS = ['claimId', 'serial', 'product', 'status', 'station', 'workOrder', 'issued'] as const;
type Column = (typeof COLUMNS)[number];

/** The filters whose value is a text that a person searches for. */
const TEXTS = ['find', 'contains', 'prefix', 'ending'] as const;

export function addressOf(query: Query, changed: { [name: string]: string | undefined }): string {
  const members = Object.entries({ ...query, ...changed }).filter(
    (one): one is [string, string] => one[1] !== undefined,
  );
  return `/units?${new URLSearchParams(members).toString()}`;
}

/** Says how the service interpreted the search text. */
export function FoundAs({ page: { say }, found, query }: { page: PageContext; found: List; query: Query }) {
  const as = found.matched ?? (['contains', 'prefix', 'ending'] as const).find((name) => query[name] !== undefined);
  if (as === undefined || found.units.length === 0) return null;
  const text = query['find'];
  const others = text === undefined ? [] : otherWays(text).filter(({ name }) => name !== as);
  return (
    <p class="under found-as">
      {say(SEARCH, `as.${as}`)}
      {others.map(({ name, value }) => (
        <>
          {' · '}
          <a href={addressOf(query, { find: undefined, after: undefined, [name]: value })}>
            {say(SEARCH, name === 'prefix' ? 'begins' : 'ends', { text: value })}
          </a>
        </>
      ))}
    </p>
  );
}

/**
 * Returns other ways to interpret a search text. The search itself uses only the first interpretation that finds
 * something.
 */
function otherWays(text: string): { name: 'prefix' | 'ending'; value: string }[] {
  const prefix = isGrouped(text, 'begin') ? parsePrefix(text) : undefined;
  const ending = isGrouped(text, 'end') ? parseEnding(text) : undefined;
  return [
    ...(prefix === undefined ? [] : [{ name: 'prefix' as const, value: prefix }]),
    ...(ending === undefined ? [] : [{ name: 'ending' as const, value: ending }]),
  ];
}

export async function Results({ page, found, query }: { page: PageContext; found: List; query: Query }) {
  const { say } = page;
  const isComplete = found.next === null && query['after'] === undefined;
  const sort = readSort(query['sort']);
  const units = isComplete && sort !== undefined ? sorted(found.units, sort) : found.units;
  const names = new Map(await page.productNames());
  return (
    <div id="found">
      {units.length === 0 ? (
        <Nothing page={page} found={found} query={query} />
      ) : (
        <>
          {sort !== undefined && !isComplete ? (
            <p class="soft">{say(SEARCH, 'sortCut', { count: SORTED_ROWS })}</p>
          ) : null}
          <UnitTable page={page} units={units} names={names} part={partOf(query)} order={{ query, sort, isComplete }} />
        </>
      )}
      {found.next === null && query['after'] === undefined ? null : (
        <p class="row">
          {query['after'] === undefined ? null : (
            <a class="btn" href={addressOf(query, { after: undefined })}>
              {say(SEARCH, 'first')}
            </a>
          )}
          {found.next === null ? null : (
            <a class="btn" href={addressOf(query, { after: String(found.next) })}>
              {say(SEARCH, 'next')}
            </a>
          )}
        </p>
      )}
    </div>
  );
}

function partOf(query: Query): string {
  return searchText(query['contains'] ?? query['find'] ?? '');
}

/** Says why nothing was found, if the service can tell. */
async function Nothing({ page, found, query }: { page: PageContext; found: List; query: Query }) {
  const { say, who } = page;
  const texts = TEXTS.flatMap((name) => query[name] ?? []);
  const reasons: string[] = [];
  if (texts.length > 0 && who.auditor !== undefined) reasons.push(say(SEARCH, 'auditor'));
  else if (texts.length > 0) {
    const figures = await page.call('GET /v1/search');
    const isShort = texts.every((text) => Array.from(searchText(text)).length < MIN_PART);
    if (isShort) reasons.push(say(SEARCH, 'short', { count: MIN_PART }));
    reasons.push(...whyBehind(page, figures));
    if (found.next !== null) reasons.push(say(SEARCH, 'goOn'));
    else if (reasons.length === 0 && Object.keys(query).every((name) => isText(name) || NO_FILTERS.includes(name)))
      reasons.push(say(SEARCH, 'known'));
  }
  if (Object.keys(query).some((name) => !isText(name) && !NO_FILTERS.includes(name)) && texts.length > 0)
    reasons.push(say(SEARCH, 'filtered'));
  return (
    <div class="card blank">
      <Icon name="find" />
      {reasons.map((reason) => (
        <p>{reason}</p>
      ))}
      <p>{say(UNITS, 'findHelp')}</p>
    </div>
  );
}

function isText(name: string): boolean {
  return TEXTS.some((text) => text === name);
}

/* Sorting */

interface Sort {
  column: Column;
  down: boolean;
}

function readSort(text: string | undefined): Sort | undefined {
  const column = COLUMNS.find((one) => one === text?.replace(/^-/, ''));
  return column === undefined ? undefined : { column, down: text?.startsWith('-') ?? false };
}

function sorted(units: List['units'], { column, down }: Sort): List['units'] {
  const keyOf = ({ uci, serial = '', product = '', status, station = '', workOrder = '', facts }: Row): string =>
    ({ claimId: uci, serial, product, status, station, workOrder, issued: facts.issued ?? '' })[column];
  const inOrder = units.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b), undefined, { numeric: true }));
  return down ? inOrder.toReversed() : inOrder;
}

interface Order {
  query: Query;
  sort: Sort | undefined;
  isComplete: boolean;
}

interface TableProps {
  page: PageContext;
  units: readonly Row[];
  /** The part of an S/N that was searched for. */
  part?: string;
  /** If set, the column headers are links that sort the list. */
  order?: Order;
  /**
   * The name of each product, by id. If absent, the units belong to one work order, so the columns for product and work
   * order are left out.
   */
  names?: ReadonlyMap<string, string>;
}

/** Returns the header of a column. */
function columnName({ say }: PageContext, column: Column): string {
  return column === 'issued' ? say(UNITS, 'issuedAt') : say(COMMON, column);
}

export function UnitTable({ page, units, part = '', order, names }: TableProps) {
  const { say } = page;
  const heads = COLUMNS.filter((column) => names !== undefined || (column !== 'product' && column !== 'workOrder')).map(
    (column) => (order === undefined ? columnName(page, column) : headOf(page, column, order)),
  );
  return (
    <Table caption={say(COMMON, 'units')} heads={heads}>
      {units.map(({ uci, serial, found, product = '', station, workOrder, status, facts }) => (
        <tr>
          <UnitHead uci={uci} />
          <td>
            {serial === undefined ? '–' : <Marked text={serial} part={part} />}
            {found === undefined ? null : (
              <small>
                {found.property} <Marked text={found.value} part={part} />
              </small>
            )}
          </td>
          {names === undefined ? null : <td class="sentence">{productSaid(names, product)}</td>}
          <td>
            <Status page={page} status={status} />
          </td>
          <td>{station ?? '–'}</td>
          {names === undefined ? null : <td>{workOrder ?? '–'}</td>}
          <td>{facts.issued === undefined ? '–' : <Time page={page} at={facts.issued} />}</td>
        </tr>
      ))}
    </Table>
  );
}

function headOf(page: PageContext, column: Column, { query, sort, isComplete }: Order): ColumnHead {
  const { say } = page;
  const isHere = isComplete && sort?.column === column;
  const name = columnName(page, column);
  const next = isHere && !sort.down ? `-${column}` : column;
  return {
    words: (
      <a href={addressOf(query, { sort: next, after: undefined })} title={say(SEARCH, 'sortBy', { column: name })}>
        {name}
        {isHere ? <span aria-hidden="true">{sort.down ? '↓' : '↑'}</span> : null}
      </a>
    ),
    sort: isHere ? (sort.down ? 'descending' : 'ascending') : undefined,
  };
}

/** Switches between showing the newest units first and the oldest units first. */
export function OrderChip({ page: { say }, query }: { page: PageContext; query: Query }) {
  const isNewest = query['newest'] === 'true';
  return (
    <li>
      <a
        class="chip chip-order"
        href={addressOf(query, { newest: isNewest ? undefined : 'true', after: undefined, sort: undefined })}
      >
        {say(SEARCH, isNewest ? 'newest' : 'oldest')}
        <Icon name="again" />
      </a>
    </li>
  );
}

export function searchName(page: PageContext, name: string): string | undefined {
  return isKey(SEARCH.en, name) && isText(name) ? page.say(SEARCH, name) : undefined;
}
