import { MAX_ENDED } from '../decide/end-units.ts';
import { ClaimstampError, isCode } from '../platform/error.ts';
import type { Answer } from '../http/client.ts';
import type { Fields } from '../http/form.ts';
import { unitJson, type UnitAnswer } from '../http/unit-schemas.ts';
import type { Services } from '../http/services.ts';
import { present } from '../http/read-body.ts';
import { parse } from '../model/claim-id.ts';
import { COMMON } from '../../words/console/common.ts';
import { UNITS } from '../../words/console/unit.ts';
import { Act, Choice, Field, path, refresh, Table } from './parts.tsx';
import { grouped } from './station-words.ts';
import type { Pages, PageContext } from './pages.tsx';
import { defined } from '../platform/own.ts';

/** The pages on which a person voids or scraps units, either one unit on its own page or a pasted list. */
export function endPages(pages: Pages): void {
  pages.page('/units/end', 'units:void', async (page) => ({
    title: page.say(UNITS, 'endMany'),
    body: <EndMany page={page} reasons={await reasonsOf(page)} />,
  }));
  pages.act('/units/end', 'units:void', (page, fields) => endMany(pages.services, page, fields), MAX_PASTED_BYTES);
  pages.act('/units/:uci/end', 'units:void', async (page, fields) => {
    const uci = page.param('uci');
    const { kind, reason } = whyIn(page, fields);
    await page.call(`POST /v1/units/{uci}/${kind}`, { params: { uci }, body: { reason, note: noteIn(fields) } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

/** Large enough for the longest list, with Claim IDs of maximum length and percent-encoded line ends. */
const MAX_PASTED_BYTES = 256 * 1024;

/** Reads the kind and the reason from a choice such as `void:label-lost`. */
function whyIn({ say }: PageContext, fields: Fields): { kind: 'void' | 'scrap'; reason: string } {
  const [kind = '', reason = ''] = (fields.get('why') ?? '').split(':');
  if (kind === 'void' || kind === 'scrap') return { kind, reason };
  throw new ClaimstampError('invalid', { key: say(UNITS, 'chooseReason') });
}

function noteIn(fields: Fields): string | undefined {
  const note = fields.get('note')?.trim();
  return note === '' ? undefined : note;
}

type Reasons = Answer<'GET /v1/reasons'>;

export function reasonsOf(page: PageContext): Promise<Reasons> {
  return page.call('GET /v1/reasons');
}

export function EndOne({ page, uci, reasons }: { page: PageContext; uci: string; reasons: Reasons }) {
  const { say } = page;
  return (
    <>
      <h2>{say(UNITS, 'end')}</h2>
      <p class="soft">{say(UNITS, 'endHint')}</p>
      <Act
        page={page}
        action={path('units', uci, 'end')}
        into="ended"
        ask={say(UNITS, 'askEnd', { uci: grouped(uci) })}
      >
        <Why page={page} reasons={reasons} />
        <button class="danger">{say(UNITS, 'end')}</button>
      </Act>
      <div id="ended"></div>
    </>
  );
}

function Why({ page: { say, who }, reasons, chosen }: { page: PageContext; reasons: Reasons; chosen?: string }) {
  const kinds = who.may.has('units:end') ? (['void', 'scrap'] as const) : (['void'] as const);
  const of = kinds.flatMap((kind) =>
    reasons[kind].map((reason) => [`${kind}:${reason}`, `${say(COMMON, kind)}: ${reason}`] as const),
  );
  return (
    <>
      <Choice label={say(COMMON, 'reason')} name="why" value={chosen} of={[['', say(UNITS, 'choose')], ...of]} />
      <Field label={say(UNITS, 'note')} name="note" max={200} />
    </>
  );
}

/* Voids or scraps the units of a pasted list. */

function EndMany({ page, reasons }: { page: PageContext; reasons: Reasons }) {
  const { say } = page;
  return (
    <>
      <h1>{say(UNITS, 'endMany')}</h1>
      <p>{say(UNITS, 'endManyHint', { max: MAX_ENDED })}</p>
      <Act page={page} action="/units/end" into="checked">
        <label>
          {say(UNITS, 'pasted')}
          <textarea name="units" rows={10} required spellcheck={false}></textarea>
        </label>
        <Why page={page} reasons={reasons} />
        <button>{say(UNITS, 'check')}</button>
      </Act>
      <div id="checked"></div>
    </>
  );
}

interface Checked {
  place: number;
  typed: string;
  unit?: UnitAnswer;
  problem?: 'notAClaimId' | 'notOurs' | 'isVoid' | 'isScrapped' | 'twice';
}

/**
 * Shows what would happen to the unit in each line of the list. If `sure` is set, voids or scraps all units. If any
 * unit has a problem, no unit is changed.
 */
async function endMany(services: Services, page: PageContext, fields: Fields) {
  const { say, call } = page;
  const { kind, reason } = whyIn(page, fields);
  const typed = (fields.get('units') ?? '').split(/[\s,;]+/).filter((text) => text !== '');
  if (typed.length === 0 || typed.length > MAX_ENDED)
    throw new ClaimstampError('invalid', { key: say(UNITS, 'endManyHint', { max: MAX_ENDED }) });
  if (fields.get('sure') === 'yes') {
    const { ended } = await call(`POST /v1/units/${kind}`, { body: { units: typed, reason, note: noteIn(fields) } });
    return (
      <p class="good" role="status">
        {say(UNITS, kind === 'void' ? 'voided' : 'scrappedMany', { count: ended })}
      </p>
    );
  }
  return <Confirm page={page} fields={fields} checked={await checkList(services, page, typed, kind)} />;
}

/** Finds a unit. The API slows down a person who looks up unknown Claim IDs and lacks the permission to list units. */
async function lookUp({ ledger }: Services, { who, call }: PageContext, uci: string): Promise<UnitAnswer | undefined> {
  if (who.may.has('units:list')) {
    const history = await ledger.unit(uci);
    return history && unitJson(history.unit);
  }
  return call('GET /v1/units/{uci}', { params: { uci } }).catch((error: unknown) => {
    if (isCode(error, 'not-found')) return undefined;
    throw error;
  });
}

async function checkList(
  services: Services,
  page: PageContext,
  typed: string[],
  kind: 'void' | 'scrap',
): Promise<Checked[]> {
  const known = new Set<string>();
  const checked: Checked[] = [];
  for (const [index, text] of typed.entries()) {
    const uci = parse(text);
    const unit = uci === undefined ? undefined : await lookUp(services, page, uci);
    const problem = uci === undefined ? 'notAClaimId' : known.has(uci) ? 'twice' : problemOf(unit, kind);
    if (uci !== undefined) known.add(uci);
    checked.push({ place: index + 1, typed: text, ...present({ unit, problem }) });
  }
  return checked;
}

function problemOf(unit: UnitAnswer | undefined, kind: 'void' | 'scrap'): Checked['problem'] {
  if (unit === undefined) return 'notOurs';
  if (unit.facts.void !== undefined) return 'isVoid';
  // The Claim ID of a scrapped device can still be voided.
  return kind === 'scrap' && unit.facts.scrapped !== undefined ? 'isScrapped' : undefined;
}

function Confirm({ page, fields, checked }: { page: PageContext; fields: Fields; checked: Checked[] }) {
  const { say } = page;
  const good = checked.filter(({ problem }) => problem === undefined);
  const bad = checked.length - good.length;
  return (
    <section role="status">
      <h2>{say(UNITS, 'checkedHead', { good: good.length, bad })}</h2>
      <Table
        caption={say(COMMON, 'units')}
        heads={(['place', 'claimId', 'serial', 'status'] as const).map((head) => say(COMMON, head))}
      >
        {checked.map(({ place, typed, unit, problem }) => (
          <tr>
            <td>{place}</td>
            <td>
              <code>{unit === undefined ? typed : grouped(unit.uci)}</code>
            </td>
            <td>{unit?.serial ?? '–'}</td>
            <td class={problem === undefined ? '' : 'bad'}>
              {problem === undefined ? say(COMMON, defined(unit).status) : say(UNITS, problem)}
            </td>
          </tr>
        ))}
      </Table>
      {good.length === 0 ? null : (
        <Act page={page} action="/units/end" into="checked">
          <input type="hidden" name="sure" value="yes" />
          <input type="hidden" name="why" value={fields.get('why')} />
          <input type="hidden" name="note" value={fields.get('note') ?? ''} />
          <input type="hidden" name="units" value={good.map(({ typed }) => typed).join(' ')} />
          <button class="danger">
            {say(UNITS, bad === 0 ? 'endAll' : 'endGood', { count: good.length, bad, why: fields.get('why') ?? '' })}
          </button>
        </Act>
      )}
    </section>
  );
}
