import type { Answer } from '../http/client.ts';
import { filled, Act, Field, NameField, path, refresh, Secret, Table, Time } from './parts.tsx';
import { COMMON } from '../../words/console/common.ts';
import { HOLD } from '../../words/console/hold.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { clockDoubt } from '../decide/new-unit.ts';
import type { Services } from '../http/services.ts';
import { judgeClock } from '../model/clock.ts';
import type { ClaimstampError } from '../platform/error.ts';
import { acceptedBy, heldRefusal, type Discontinuity } from '../proof/rollback.ts';
import { Why, type Pages, type PageContext } from './pages.tsx';

type HoldCode = Answer<'GET /v1/hold-codes'>['holdCodes'][number];

/**
 * The page on which an admin, or a lead with a hold code, accepts a restored ledger. Admins also make hold codes on
 * this page.
 */
export function holdPage(pages: Pages): void {
  const { services } = pages;
  pages.page('/hold', 'ledger:resume', async (page) => ({
    title: page.say(HOLD, 'hold'),
    body: (
      <Hold page={page} found={services.guard.discontinuity()} clock={await clockOf(services)} now={services.now()} />
    ),
  }));
  pages.act('/hold', 'ledger:resume', async (page, fields) => {
    const { size = '', code } = filled(fields, ['size', 'code']);
    await page.call('POST /v1/ledger/accept', { body: { size: Number(size), code } });
    return (
      <p class="good" role="status">
        {page.say(HOLD, 'accepted')}
      </p>
    );
  });
  pages.act('/clock', 'ledger:resume', async (page, fields) => {
    const { date = '', code } = filled(fields, ['date', 'code']);
    await page.call('POST /v1/clock/accept', { body: { date, code } });
    return (
      <p class="good" role="status">
        {page.say(HOLD, 'clockAccepted')}
      </p>
    );
  });
  pages.act('/hold-codes', 'ledger:accept', async (page, fields) => {
    const { name = '', days } = filled(fields, ['name', 'days']);
    const body = { name, expiresInDays: days === undefined ? undefined : Number(days) };
    const { code } = await page.call('POST /v1/hold-codes', { body });
    return <Secret page={page} name={page.say(HOLD, 'codeFor', { name })} text={code} />;
  });
  pages.act('/hold-codes/:name/withdraw', 'ledger:accept', async (page) => {
    await page.call('DELETE /v1/hold-codes/{name}', { params: { name: page.param('name') } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

interface HoldProps {
  page: PageContext;
  found: Discontinuity | undefined;
  clock: WrongClock | undefined;
  now: number;
}

interface WrongClock {
  error: ClaimstampError;
  /** The date that the machine's clock shows. */
  date: string;
}

/**
 * Returns the reason why the service makes no dated S/Ns, or why their dates may be wrong. Returns undefined if the
 * clock is right.
 */
async function clockOf({ ledger }: Pick<Services, 'ledger'>): Promise<WrongClock | undefined> {
  const now = Date.now();
  const error = clockDoubt(judgeClock(now, await ledger.times()), now);
  return error && { error, date: new Date(now).toISOString().slice(0, 10) };
}

function Hold({ page, found, clock, now }: HoldProps) {
  const { say, who } = page;
  return (
    <>
      <h1>{say(HOLD, 'hold')}</h1>
      {found === undefined && clock === undefined ? <p>{say(HOLD, 'none')}</p> : null}
      {clock === undefined ? null : <Clock page={page} clock={clock} />}
      {found === undefined ? null : (
        <>
          <p class="bad">
            <Why page={page} error={heldRefusal(found)} />
          </p>
          <Act page={page} action="/hold" into="accepted">
            <input type="hidden" name="size" value={acceptedBy(found)} />
            <CodeField page={page} />
            <button class="danger">{say(HOLD, 'accept')}</button>
          </Act>
          <div id="accepted"></div>
        </>
      )}
      {who.may.has('ledger:accept') && who.may.has('access:read') ? <HoldCodes page={page} now={now} /> : null}
    </>
  );
}

function Clock({ page, clock: { error, date } }: { page: PageContext; clock: WrongClock }) {
  return (
    <>
      <p class="bad">
        <Why page={page} error={error} />
      </p>
      <Act page={page} action="/clock" into="clock-accepted">
        <input type="hidden" name="date" value={date} />
        <CodeField page={page} />
        <button class="danger">{page.say(HOLD, 'acceptClock', { date })}</button>
      </Act>
      <div id="clock-accepted"></div>
    </>
  );
}

/** The field for a hold code. People who may accept the ledger without a hold code do not see it. */
function CodeField({ page: { say, who } }: { page: PageContext }) {
  if (who.may.has('ledger:accept')) return null;
  return <Field label={say(HOLD, 'code')} name="code" hint={say(HOLD, 'codeHint')} required max={64} />;
}

async function HoldCodes({ page, now }: Pick<HoldProps, 'page' | 'now'>) {
  const { say, call } = page;
  const { holdCodes } = await call('GET /v1/hold-codes');
  return (
    <>
      <h2>{say(HOLD, 'codes')}</h2>
      <p>{say(HOLD, 'codesHint')}</p>
      <Table caption={say(HOLD, 'codes')} heads={[say(SET_UP, 'name'), say(HOLD, 'state'), say(SET_UP, 'change')]}>
        {holdCodes.map((code) => (
          <tr>
            <th scope="row">{code.name}</th>
            <td>
              <State page={page} code={code} now={now} />
            </td>
            <td>
              {code.usedAt === undefined && code.withdrawnAt === undefined ? (
                <Act page={page} action={path('hold-codes', code.name, 'withdraw')} into="withdrawn">
                  <button class="danger">{say(HOLD, 'withdraw')}</button>
                </Act>
              ) : null}
            </td>
          </tr>
        ))}
      </Table>
      <div id="withdrawn"></div>
      <h2>{say(HOLD, 'newCode')}</h2>
      <Act page={page} action="/hold-codes" into="new">
        <NameField page={page} label={say(SET_UP, 'name')} name="name" example="maria.lopez" />
        <Field label={say(SET_UP, 'days')} name="days" type="number" value="365" />
        <button>{say(HOLD, 'make')}</button>
        <div id="new"></div>
      </Act>
    </>
  );
}

function State({ page, code, now }: { page: PageContext; code: HoldCode; now: number }) {
  const { usedAt, withdrawnAt, expiresAt } = code;
  const isOver = Date.parse(expiresAt) <= now;
  const [word, at] =
    usedAt !== undefined
      ? (['used', usedAt] as const)
      : withdrawnAt !== undefined
        ? (['withdrawn', withdrawnAt] as const)
        : ([isOver ? 'ended' : 'valid', expiresAt] as const);
  return (
    <>
      {page.say(HOLD, word)} <Time page={page} at={at} />
    </>
  );
}
