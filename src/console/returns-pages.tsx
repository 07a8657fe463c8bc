import { ClaimstampError } from '../platform/error.ts';
import type { Answer } from '../http/client.ts';
import type { Fields } from '../http/form.ts';
import { mask } from '../model/claim-id.ts';
import { DISPOSITIONS, RETURN_ENDS, type Disposition } from '../model/unit.ts';
import { COMMON } from '../../words/console/common.ts';
import { RETURNS } from '../../words/console/returns.ts';
import { actorSaid } from './actors.tsx';
import { Act, Choice, Field, Table, Time, UnitHead, asked, filled, path, refresh } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

const ROWS = 100;

/** The fields whose values are usually the same for the next unit from the same box. */
const SHARED = ['rma', 'reason', 'disposition'] as const;

/** The pages on which a person receives returned units, and sees the RMAs with their units. */
export function returnsPages(pages: Pages): void {
  pages.page('/returns', 'units:return', async (page) => ({
    title: page.say(RETURNS, 'returns'),
    body: <Returns page={page} />,
  }));
  pages.act('/returns', 'units:return', receive);
  pages.page('/returns/:rma', 'units:list', async (page) => {
    const rma = page.param('rma');
    const after = Number(page.c.req.query('after') ?? 0);
    const found = await page.call('GET /v1/returns/{rma}', { params: { rma }, query: { after, limit: ROWS } });
    return { title: `RMA ${rma}`, body: <One page={page} found={found} /> };
  });
  pages.act('/units/:uci/return/close', 'units:return', async (page, fields) => {
    const how = fields.get('how') === 'kept' ? 'kept' : 'shipped';
    await page.call('POST /v1/units/{uci}/return/close', { params: { uci: page.param('uci') }, body: { how } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

/**
 * Receives a unit. Then shows the form again, filled with the values that stay the same for the next unit. The page's
 * address contains only the masked Claim ID.
 */
async function receive(page: PageContext, fields: Fields) {
  const { code = '', rma = '', reason = '', note } = filled(fields, ['code', ...SHARED, 'note']);
  const disposition = dispositionIn(page, fields);
  const body = { code, rma, reason, disposition, ...(note === undefined ? {} : { note }) };
  const { uci } = await page.call('POST /v1/returns', { body });
  const kept = new URLSearchParams({ rma, reason, disposition, done: mask(uci) });
  page.c.header('hx-redirect', `/returns?${kept.toString()}`);
  return <p>{page.say(RETURNS, 'received', { unit: mask(uci), rma })}</p>;
}

function dispositionIn({ say }: PageContext, fields: Fields): Disposition {
  const chosen = DISPOSITIONS.find((one) => one === fields.get('disposition'));
  if (chosen === undefined) throw new ClaimstampError('invalid', { key: say(RETURNS, 'disposition') });
  return chosen;
}

async function Returns({ page }: { page: PageContext }) {
  const { say, who } = page;
  const query = asked(page, [...SHARED, 'done', 'open', 'after']);
  const { done, rma = '' } = query;
  return (
    <>
      <h1>{say(RETURNS, 'returns')}</h1>
      {done === undefined ? null : (
        <p class="good" role="status">
          {say(RETURNS, 'received', { unit: done, rma })}
        </p>
      )}
      <h2>{say(RETURNS, 'receive')}</h2>
      <p class="soft">{say(RETURNS, 'receiveHint')}</p>
      <Act page={page} action="/returns" into="received">
        <Field label={say(RETURNS, 'rma')} name="rma" value={rma} max={64} required />
        <Field label={say(RETURNS, 'why')} name="reason" value={query['reason']} max={200} required />
        <Choice
          label={say(RETURNS, 'disposition')}
          name="disposition"
          value={query['disposition']}
          of={DISPOSITIONS.map((one) => [one, say(RETURNS, one)] as const)}
        />
        <Field label={say(RETURNS, 'note')} name="note" max={200} />
        <Field label={say(RETURNS, 'code')} name="code" hint={say(RETURNS, 'codeHint')} max={600} required />
        <button>{say(RETURNS, 'receive')}</button>
      </Act>
      <div id="received"></div>
      {who.may.has('units:list') ? <List page={page} query={query} /> : null}
    </>
  );
}

async function List({ page, query }: { page: PageContext; query: Record<string, string> }) {
  const { say, call } = page;
  const isOpen = query['open'] === 'true';
  const { returns, next } = await call('GET /v1/returns', {
    query: {
      limit: ROWS,
      ...(isOpen ? { open: 'true' as const } : {}),
      ...(query['after'] === undefined ? {} : { after: query['after'] }),
    },
  });
  const ends = ['open', ...RETURN_ENDS] as const;
  const named = (end: (typeof ends)[number]): string =>
    end === 'scrapped' || end === 'void' ? say(COMMON, end) : say(RETURNS, end);
  const more = new URLSearchParams({ ...(isOpen ? { open: 'true' } : {}), after: next ?? '' });
  return (
    <>
      <h2>RMA</h2>
      <p>
        <a href={isOpen ? '/returns' : '/returns?open=true'}>{say(RETURNS, isOpen ? 'all' : 'onlyOpen')}</a>
      </p>
      {returns.length === 0 ? (
        <p>{say(RETURNS, 'noReturns')}</p>
      ) : (
        <Table caption="RMA" heads={['RMA', say(RETURNS, 'receivedUnits'), ...ends.map(named)]}>
          {returns.map((one) => (
            <tr>
              <th scope="row">
                <a class="row" href={path('returns', one.rma)}>
                  {one.rma}
                </a>
              </th>
              <td>{one.received}</td>
              {ends.map((end) => (
                <td>{one[end]}</td>
              ))}
            </tr>
          ))}
        </Table>
      )}
      {next === null ? null : (
        <p>
          <a href={`/returns?${more.toString()}`}>{say(COMMON, 'more')}</a>
        </p>
      )}
    </>
  );
}

function One({ page, found }: { page: PageContext; found: Answer<'GET /v1/returns/{rma}'> }) {
  const { say } = page;
  const heads = [
    say(COMMON, 'claimId'),
    say(COMMON, 'serial'),
    say(RETURNS, 'began'),
    say(RETURNS, 'by'),
    say(RETURNS, 'why'),
    say(RETURNS, 'disposition'),
    say(COMMON, 'status'),
    say(RETURNS, 'end'),
  ];
  return (
    <>
      <h1>RMA {found.rma}</h1>
      <p>
        {say(RETURNS, 'receivedUnits')}: {found.received} · {say(RETURNS, 'open')}: {found.open}
      </p>
      <Table caption={say(COMMON, 'units')} heads={heads}>
        {found.units.map(({ uci, serial, life, by }) => (
          <tr>
            <UnitHead uci={uci} />
            <td>{serial ?? '–'}</td>
            <td>{life.return === undefined ? '–' : <Time page={page} at={life.return.at} />}</td>
            <td>{actorSaid(page, by)}</td>
            <td>{life.return?.reason}</td>
            <td>{life.return === undefined ? '–' : say(RETURNS, life.return.disposition)}</td>
            <td>{say(COMMON, life.status)}</td>
            <td>{endOf(page, life.return)}</td>
          </tr>
        ))}
      </Table>
      {found.next === null ? null : (
        <p>
          <a href={`${path('returns', found.rma)}?after=${found.next}`}>{say(COMMON, 'more')}</a>
        </p>
      )}
    </>
  );
}

type UnitReturn = NonNullable<Answer<'GET /v1/units/{uci}'>['return']>;

function endOf({ say }: PageContext, last: UnitReturn | undefined): string {
  const how = last?.closed?.how;
  if (how === undefined) return say(RETURNS, 'open');
  return how === 'scrapped' || how === 'void' ? say(COMMON, how) : say(RETURNS, how);
}

/** The lives of a returned unit, shown on the unit's own page. */
export function Lives({ page, unit }: { page: PageContext; unit: Answer<'GET /v1/units/{uci}'> }) {
  const { say } = page;
  const { lives, return: last } = unit;
  if (lives === undefined || last === undefined) return null;
  const all = [...lives, { ...unit, return: last }];
  // A unit is issued only once, at the start of its first life.
  const facts = (['printed', 'verified', 'reported', 'registered'] as const).filter((fact) =>
    all.some((life) => life.facts[fact] !== undefined),
  );
  return (
    <>
      <h2>{say(RETURNS, 'lives')}</h2>
      <Table
        caption={say(RETURNS, 'lives')}
        heads={[
          'RMA',
          say(RETURNS, 'why'),
          say(COMMON, 'status'),
          ...facts.map((fact) => say(COMMON, fact)),
          say(RETURNS, 'end'),
        ]}
      >
        {all.map((life) => (
          <tr>
            <th scope="row">{life.return?.rma ?? say(RETURNS, 'first')}</th>
            <td class="sentence">
              {life.return === undefined ? '–' : `${life.return.reason} (${say(RETURNS, life.return.disposition)})`}
            </td>
            <td>{say(COMMON, life.status)}</td>
            {facts.map((fact) => {
              const at = life.facts[fact];
              return <td class="moment">{at === undefined ? '–' : <Time page={page} at={at} />}</td>;
            })}
            <td class="moment">{life.return === undefined ? '–' : endOf(page, life.return)}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/** The form that closes the unit's open return. */
export function CloseReturn({ page, unit }: { page: PageContext; unit: Answer<'GET /v1/units/{uci}'> }) {
  const { say, who } = page;
  if (unit.return === undefined || unit.return.closed !== undefined || !who.may.has('units:return')) return null;
  return (
    <>
      <h2>{say(RETURNS, 'close')}</h2>
      <Act page={page} action={path('units', unit.uci, 'return', 'close')} into="closed">
        <Choice
          label={say(RETURNS, 'end')}
          name="how"
          of={[
            ['shipped', say(RETURNS, 'shippedBack')],
            ['kept', say(RETURNS, 'keptHere')],
          ]}
        />
        <button>{say(RETURNS, 'close')}</button>
      </Act>
      <div id="closed"></div>
    </>
  );
}
