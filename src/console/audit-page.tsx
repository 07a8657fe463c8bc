import type { Answer } from '../http/client.ts';
import { AUDIT_KINDS, FIRST_PRINTS } from '../model/audit/kinds.ts';
import { isKey, keysOf, own } from '../platform/own.ts';
import { AUDIT } from '../../words/console/audit.ts';
import { AUDIT_DETAILS } from '../../words/console/audit-details.ts';
import { SIGN_INS } from '../../words/console/sign-ins.ts';
import type { Language } from '../../words/sentence.ts';
import { ActorNote, actorSaid } from './actors.tsx';
import { asked, Choice, Field, Table, Time } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';
import { PRINTER_WORDS } from './printer-setting-words.ts';
import { ORDER_WORDS, PERSON_WORDS, PRODUCT_WORDS } from './setting-words.ts';
import { STATION_WORDS } from './station-setting-words.ts';

const FILTERS = ['kind', 'actor', 'unit', 'from', 'to'];

/** The number of entries on a page. */
const ROWS = 50;

type Entry = Answer<'GET /v1/audit'>['entries'][number];

/**
 * The audit page. The page shows what people and programs did apart from the work on the line. The page also has
 * filters and an export.
 */
export function auditPage(pages: Pages): void {
  pages.page('/audit', 'access:read', async (page) => {
    const { say } = page;
    const filter = asked(page, FILTERS);
    const query = { ...filter, ...asked(page, ['before']), limit: ROWS };
    const { entries, next } = await page.call('GET /v1/audit', { query });
    return {
      title: say(AUDIT, 'audit'),
      body: (
        <>
          <div class="page-head">
            <div>
              <h1>{say(AUDIT, 'audit')}</h1>
              <p class="under">{say(AUDIT, 'hint')}</p>
              <p class="under">{say(AUDIT, pages.services.config.auditViews === 'off' ? 'viewsOff' : 'viewsOn')}</p>
            </div>
            <a class="btn" href={addressOf('/v1/audit.csv', filter)} download="audit.csv">
              {say(AUDIT, 'csv')}
            </a>
          </div>
          <Filters page={page} filter={filter} />
          {filter['unit'] === undefined ? null : (
            <p class="under">
              {say(AUDIT, 'ofUnit')}{' '}
              <a href={addressOf('/units', { find: filter['unit'] })}>{say(AUDIT, 'historyOfUnit')}</a>
            </p>
          )}
          {entries.length === 0 ? <p class="soft">{say(AUDIT, 'none')}</p> : <Entries page={page} entries={entries} />}
          <ActorNote page={page} actors={entries.map(({ actor }) => actor)} />
          {next === null ? null : (
            <p>
              <a href={addressOf('/audit', { ...filter, before: String(next) })}>{say(AUDIT, 'older')}</a>
            </p>
          )}
        </>
      ),
    };
  });
}

function addressOf(place: string, query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? place : `${place}?${text}`;
}

function Filters({ page: { say }, filter }: { page: PageContext; filter: Record<string, string> }) {
  const kinds = ([...keysOf(AUDIT_KINDS), FIRST_PRINTS] as const).map((kind): [string, string] => [
    kind,
    say(AUDIT, `kind.${kind}`),
  ]);
  return (
    <form class="search" method="get" action="/audit">
      <Choice label={say(AUDIT, 'kind')} name="kind" value={filter['kind']} of={[['', say(AUDIT, 'any')], ...kinds]} />
      <Field label={say(AUDIT, 'person')} name="actor" value={filter['actor']} hint={say(AUDIT, 'personHint')} />
      <Field label={say(AUDIT, 'unit')} name="unit" value={filter['unit']} hint={say(AUDIT, 'unitHint')} max={300} />
      <Field label={say(AUDIT, 'from')} name="from" type="date" value={filter['from']} />
      <Field label={say(AUDIT, 'to')} name="to" type="date" value={filter['to']} />
      <button>{say(AUDIT, 'show')}</button>
    </form>
  );
}

function Entries({ page, entries }: { page: PageContext; entries: Entry[] }) {
  const { say } = page;
  return (
    <Table
      caption={say(AUDIT, 'audit')}
      heads={(['time', 'who', 'what', 'details'] as const).map((head) => say(AUDIT, head))}
    >
      {entries.map((entry) => (
        <tr>
          <td>
            <Time page={page} at={entry.at} />
          </td>
          <td class="sentence">{actorSaid(page, entry.actor)}</td>
          <td class="sentence">{typeSaid(page, entry)}</td>
          <td class="sentence">{detailsSaid(page, entry)}</td>
        </tr>
      ))}
    </Table>
  );
}

function typeSaid({ say }: PageContext, { type, details }: Entry): string {
  // The ledger records a view of a unit's page with the same event type as a list of Claim IDs. So a view needs its own
  // text here.
  if (type === 'bulk-read' && details['what'] === 'unit') return say(AUDIT, 'type.viewed');
  const key = `type.${type}`;
  if (isKey(AUDIT.en, key)) return say(AUDIT, key);
  return isKey(SIGN_INS.en, key) ? say(SIGN_INS, key) : type;
}

/** The words for the settings that each type of event changes. */
const SETTINGS_OF: Record<string, SettingWords> = {
  'product-set': PRODUCT_WORDS,
  'station-set': STATION_WORDS,
  'printer-set': PRINTER_WORDS,
  'work-order-set': ORDER_WORDS,
  'person-set': PERSON_WORDS,
};

type SettingWords = { [language in Language]: { [name: string]: string } };

/** The number of digits of a hash that are shown, enough to compare it with a file. The export has all digits. */
const HASH_DIGITS = 12;
const isHash = (key: string): boolean => key === 'hash' || key === 'sha256';

/** True for a property that says only that a list was read from its beginning. */
function isUnsaid(key: string, value: unknown): boolean {
  return key === 'after' && value === 0;
}

/**
 * Returns an entry's properties in words. A property for which there are no words is shown with its name from the
 * ledger.
 */
function detailsSaid({ language, say }: PageContext, { type, unit, station, workOrder, details }: Entry): string {
  const settings = own(SETTINGS_OF, type)?.[language];
  const nameOf = (key: string): string =>
    own(settings, key) ?? (isKey(AUDIT_DETAILS.en, key) ? say(AUDIT_DETAILS, key) : key);
  const valueOf = (key: string, value: string | number | boolean): string => {
    if (isHash(key) && typeof value === 'string') return value.slice(0, HASH_DIGITS);
    const words = own(settings, `${key}.${value}`) ?? own(AUDIT_DETAILS[language], `${key}.${value}`);
    if (words !== undefined) return words;
    return typeof value === 'boolean' ? say(AUDIT_DETAILS, value ? 'yes' : 'no') : String(value);
  };
  return Object.entries({ unit, station, workOrder, ...details })
    .flatMap(([key, value]) =>
      value === undefined || isUnsaid(key, value) ? [] : [`${nameOf(key)}: ${valueOf(key, value)}`],
    )
    .join(' · ');
}
