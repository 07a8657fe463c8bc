import type { Answer } from '../http/client.ts';
import { COMMON } from '../../words/console/common.ts';
import { UNITS } from '../../words/console/unit.ts';
import { Act, Field, path, refresh } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

type Unit = Answer<'GET /v1/units/{uci}'>;

/** Two forms on a unit's page: a lead can release a sample, or mark a reference device. */
export function purposeForms(pages: Pages): void {
  pages.act('/units/:uci/release-sample', 'units:void', async (page, fields) => {
    const params = { uci: page.param('uci') };
    await page.call('POST /v1/units/{uci}/release-sample', { params, body: { reason: fields.get('reason') ?? '' } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.act('/units/:uci/reference', 'units:void', async (page, fields) => {
    const params = { uci: page.param('uci') };
    const note = fields.get('note')?.trim() ?? '';
    const reference = fields.get('reference') === 'yes';
    const body = note === '' ? { reference } : { reference, note };
    await page.call('PUT /v1/units/{uci}/reference', { params, body });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

export function PurposeForms({ page, unit }: { page: PageContext; unit: Unit }) {
  const { say } = page;
  const isReference = unit.reference !== undefined;
  return (
    <>
      {unit.purpose === 'sample' && unit.releasedSample === undefined ? (
        <>
          <h2>{say(UNITS, 'releaseSample')}</h2>
          <p class="soft">{say(UNITS, 'releaseHint')}</p>
          <Act page={page} action={path('units', unit.uci, 'release-sample')} into="released">
            <Field label={say(COMMON, 'reason')} name="reason" required max={200} />
            <button>{say(UNITS, 'releaseSample')}</button>
          </Act>
          <div id="released"></div>
        </>
      ) : null}
      <h2>{say(UNITS, 'reference')}</h2>
      <p class="soft">{say(UNITS, 'referenceHint')}</p>
      <Act page={page} action={path('units', unit.uci, 'reference')} into="referenced">
        <input type="hidden" name="reference" value={isReference ? 'no' : 'yes'} />
        {isReference ? null : <Field label={say(UNITS, 'note')} name="note" max={200} />}
        <button>{say(UNITS, isReference ? 'endReference' : 'makeReference')}</button>
      </Act>
      <div id="referenced"></div>
    </>
  );
}
