import type { Answer } from '../http/client.ts';
import { filled, Act, Field, path, refresh, Secret, Table, Time } from './parts.tsx';
import { COMMON } from '../../words/console/common.ts';
import { HOLD } from '../../words/console/hold.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { acceptedBy, heldRefusal, type Discontinuity } from '../proof/rollback.ts';
import { Why, type Pages, type PageContext } from './pages.tsx';

type HoldCode = Answer<'GET /v1/hold-codes'>['holdCodes'][number];

/**
 * The page on which an admin, or a lead with a hold code, accepts a restored ledger. Admins make hold codes on the same
 * page.
 */
export function holdPage(pages: Pages): void {
  const { services } = pages;
  pages.page('/hold', 'ledger:resume', async (page) => ({
    title: page.say(HOLD, 'hold'),
    body: <Hold page={page} found={services.guard.discontinuity()} now={services.now()} />,
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
  now: number;
}

function Hold({ page, found, now }: HoldProps) {
  const { say, who } = page;
  return (
    <>
      <h1>{say(HOLD, 'hold')}</h1>
      {found === undefined ? (
        <p>{say(HOLD, 'none')}</p>
      ) : (
        <>
          <p class="bad">
            <Why page={page} error={heldRefusal(found)} />
          </p>
          <Act page={page} action="/hold" into="accepted">
            <input type="hidden" name="size" value={acceptedBy(found)} />
            {who.may.has('ledger:accept') ? null : (
              <Field label={say(HOLD, 'code')} name="code" hint={say(HOLD, 'codeHint')} required max={64} />
            )}
            <button class="danger">{say(HOLD, 'accept')}</button>
          </Act>
          <div id="accepted"></div>
        </>
      )}
      {who.may.has('ledger:accept') && who.may.has('access:read') ? <HoldCodes page={page} now={now} /> : null}
    </>
  );
}

async function HoldCodes({ page, now }: Omit<HoldProps, 'found'>) {
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
        <Field label={say(SET_UP, 'name')} name="name" required max={64} />
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
