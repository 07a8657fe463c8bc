import type { Child } from 'hono/jsx';
import type { Answer } from '../http/client.ts';
import { MIN_PART, searchText } from '../model/search/text.ts';
import { SEARCH } from '../../words/console/search.ts';
import { Icon } from './icons.tsx';
import { path } from './parts.tsx';
import { Status } from './unit-status.tsx';
import type { Pages, PageContext } from './pages.tsx';

type Suggestions = Answer<'GET /v1/search/suggestions'>;
type Figures = Answer<'GET /v1/search'>;
export type FoundName = Suggestions['names'][number];

/** The suggestions below the search box, which assets/suggest.js fetches while a person types. */
export function searchSuggestions(pages: Pages): void {
  pages.part('/search/suggestions', 'units:list', async (page) => {
    const text = (page.c.req.query('text') ?? '').trim();
    if (text === '' || page.who.auditor !== undefined) return undefined;
    const found = await page.call('GET /v1/search/suggestions', { query: { text } });
    const names = new Map(await page.productNames());
    return <List page={page} text={text} found={found} products={names} />;
  });
}

interface ListProps {
  page: PageContext;
  text: string;
  found: Suggestions;
  products: ReadonlyMap<string, string>;
}

function List({ page, text, found, products }: ListProps) {
  const { say } = page;
  const { names, units, prefix, ending } = found;
  const part = searchText(text);
  const of = (by: 'contains' | 'ending') => units.filter((unit) => unit.by === by);
  return (
    <>
      <div id="suggested" role="listbox" aria-label={say(SEARCH, 'suggestions')}>
        <Option to={`/units?${query({ find: text, newest: 'true' })}`}>
          <Icon name="find" />
          <span class="what">{say(SEARCH, 'searchFor', { text })}</span>
        </Option>
        <Group id="names" title={say(SEARCH, 'names')} size={names.length}>
          {names.map((one) => (
            <Option to={addressOf(page, one)}>
              <span class="what">
                {say(SEARCH, `kind.${one.kind}`, { name: one.name ?? '' })}{' '}
                <b>
                  <Marked text={one.kind === 'lot' ? one.id : (one.name ?? one.id)} part={part} />
                </b>
              </span>
            </Option>
          ))}
        </Group>
        {(['contains', 'ending'] as const).map((by) => (
          <Group
            id={by}
            title={
              by === 'contains'
                ? say(SEARCH, 'byContains', { text })
                : say(SEARCH, 'byEnding', { text: ending ?? text })
            }
            size={of(by).length}
          >
            {of(by).map((unit) => (
              <FoundUnit page={page} unit={unit} part={part} products={products} />
            ))}
          </Group>
        ))}
        <Group id="ways" title={say(SEARCH, 'moreWays')} size={prefix === undefined && ending === undefined ? 0 : 1}>
          {prefix === undefined ? null : (
            <Option to={`/units?${query({ prefix, newest: 'true' })}`}>
              <span class="what">{say(SEARCH, 'begins', { text: prefix })}</span>
            </Option>
          )}
          {ending === undefined ? null : (
            <Option to={`/units?${query({ ending, newest: 'true' })}`}>
              <span class="what">{say(SEARCH, 'ends', { text: ending })}</span>
            </Option>
          )}
        </Group>
      </div>
      <Notes page={page} text={text} found={found} />
    </>
  );
}

interface FoundUnitProps extends Pick<ListProps, 'page' | 'products'> {
  unit: Suggestions['units'][number];
  part: string;
}

function FoundUnit({ page, unit: { unit, serial, found, product, station, status }, part, products }: FoundUnitProps) {
  const { say } = page;
  return (
    <Option to={path('units', unit)}>
      <span class="what">
        <b class="code">{serial === undefined ? say(SEARCH, 'noSerial') : <Marked text={serial} part={part} />}</b>
        {found === undefined ? null : (
          <small>
            {found.property} <Marked text={found.value} part={part} />
          </small>
        )}
        <small>
          {products.get(product) ?? product}
          {station === undefined ? '' : ` · ${station}`} · <span class="cid">{unit.replace(/\..*/, '')}</span>
        </small>
      </span>
      <Status page={page} status={status} />
    </Option>
  );
}

function Notes({ page, text, found: { names, units, more, short, search } }: Omit<ListProps, 'products'>) {
  const { say } = page;
  const notes = [
    ...(short ? [say(SEARCH, 'short', { count: MIN_PART })] : []),
    ...(units.length > 0 && more ? [say(SEARCH, 'moreFound')] : []),
    ...(!short && !more && names.length === 0 && units.length === 0 ? [say(SEARCH, 'none', { text })] : []),
    ...whyBehind(page, search),
  ];
  return notes.length === 0 ? null : <p class="suggest-note">{notes.join(' ')}</p>;
}

/** If the partial-match search does not cover the entire ledger, says what is missing. */
export function whyBehind({ say, language }: PageContext, { state, done, total, problem }: Figures): string[] {
  if (state === 'failed') return [say(SEARCH, problem === 'disk-full' ? 'full' : 'failed')];
  if (state === 'building')
    return [say(SEARCH, 'building', { percent: total === 0 ? 0 : Math.floor((100 * done) / total) })];
  if (state === 'ready')
    return done < total ? [say(SEARCH, 'behind', { count: new Intl.NumberFormat(language).format(total - done) })] : [];
  return [say(SEARCH, state)];
}

function Group({ id, title, size, children }: { id: string; title: string; size: number; children: Child }) {
  if (size === 0) return null;
  return (
    <div role="group" aria-labelledby={`suggest-${id}`}>
      <p class="suggest-head" id={`suggest-${id}`} role="presentation">
        {title}
      </p>
      {children}
    </div>
  );
}

function Option({ to, children }: { to: string; children: Child }) {
  return (
    <a role="option" class="suggestion" href={to} tabindex={-1} aria-selected="false">
      {children}
    </a>
  );
}

function query(members: Record<string, string>): string {
  return new URLSearchParams(members).toString();
}

/** Returns the address of the suggestion's page or, if the person must not open that page, of the list of units. */
export function addressOf({ who: { may } }: PageContext, { kind, id }: FoundName): string {
  if (kind === 'work-order' || kind === 'lot') return path('work-orders', id);
  if (kind === 'roll') return path('rolls', id);
  if (kind === 'station' && may.has('stations:read')) return path('stations', id);
  if (kind === 'product' && may.has('catalog:read')) return `/product-settings?${query({ id })}`;
  const filter = { product: 'product', station: 'station' }[kind];
  return `/units?${query({ [filter]: id, newest: 'true' })}`;
}

/** Highlights the searched part in a text. The text may have separators inside that part. */
export function Marked({ text, part }: { text: string; part: string }) {
  const signs = Array.from(text);
  const plain = signs.map(searchText);
  const at = plain.join('').indexOf(part);
  // If normalization turns a character into two, positions no longer match. In that case, nothing is highlighted.
  if (part === '' || at === -1 || plain.some(({ length }) => length > 1)) return <>{text}</>;
  const kept = signs.flatMap((_, place) => (plain[place] === '' ? [] : [place]));
  const [from = 0, to = 0] = [kept[at], kept[at + part.length - 1]];
  return (
    <>
      {signs.slice(0, from).join('')}
      <mark>{signs.slice(from, to + 1).join('')}</mark>
      {signs.slice(to + 1).join('')}
    </>
  );
}
