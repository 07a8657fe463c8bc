import { parseCheckpoint } from '../proof/checkpoint.ts';
import { EXPORT_FORMATS } from '../contract/exports.ts';
import type { Answer } from '../http/client.ts';
import { COMMON } from '../../words/console/common.ts';
import { LEDGER } from '../../words/console/ledger.ts';
import { ClaimstampError } from '../platform/error.ts';
import { SIGN_INS } from '../../words/console/sign-ins.ts';
import { DrillList } from './drill-list.tsx';
import { Act, Choice, Field, statuses, Time } from './parts.tsx';
import { Why, type Pages, type PageContext } from './pages.tsx';

type CheckState = Answer<'GET /v1/ledger/check'>;

/**
 * The ledger page for auditors. The page has exports with their checksums, the tree head, and a check of the ledger.
 */
export function ledgerPages(pages: Pages): void {
  pages.page(
    '/exports',
    'ledger:export',
    async (page) => ({
      title: page.say(LEDGER, 'exports'),
      body: <Exports page={page} />,
      scripts: ['exports.js'],
    }),
    { auditor: true },
  );
  pages.page(
    '/ledger',
    'ledger:read',
    async (page) => ({
      title: page.say(LEDGER, 'ledger'),
      body: <Ledger page={page} />,
    }),
    { auditor: true },
  );
  pages.act('/ledger/check', 'ledger:read', async (page) => (
    <CheckView page={page} check={await page.call('POST /v1/ledger/check')} />
  ));
  pages.part('/ledger/check/now', 'ledger:read', async (page) => (
    <CheckView page={page} check={await page.call('GET /v1/ledger/check')} />
  ));
}

function Exports({ page }: { page: PageContext }) {
  const { say, who } = page;
  // The only export that auditors may make is the CSV export of units.
  const isAuditor = who.auditor !== undefined;
  return (
    <>
      <h1>{say(LEDGER, 'exports')}</h1>
      <p>{say(LEDGER, isAuditor ? 'auditorHint' : 'exportHint')}</p>
      <form id="export" class="search">
        <Choice
          label={say(LEDGER, 'rows')}
          name="of"
          of={[['units', say(COMMON, 'units')], ...(isAuditor ? [] : [['events', say(COMMON, 'events')] as const])]}
        />
        <Choice
          label={say(LEDGER, 'format')}
          name="format"
          of={(isAuditor ? (['csv'] as const) : EXPORT_FORMATS).map((format) => [
            format,
            say(LEDGER, `format.${format}`),
          ])}
        />
        <Field
          label={say(LEDGER, 'unit')}
          name="unit"
          value={page.c.req.query('unit')}
          hint={say(LEDGER, 'unitHint')}
          max={300}
        />
        <Field label={say(COMMON, 'product')} name="product" />
        <Field label={say(COMMON, 'workOrder')} name="workOrder" />
        <Field label={say(COMMON, 'lot')} name="lot" />
        <Field label={say(COMMON, 'station')} name="station" />
        <Choice label={say(COMMON, 'status')} name="status" of={statuses(say)} />
        <Field label={say(COMMON, 'from')} name="from" type="date" />
        <Field label={say(COMMON, 'to')} name="to" type="date" />
        <button>{say(LEDGER, 'export')}</button>
      </form>
      <section id="made" role="status" hidden>
        <label class="progress">
          <span id="doing" data-waits={say(LEDGER, 'waits')} data-done={say(LEDGER, 'exported')}></span>
          <progress id="bar"></progress>
        </label>
        <dl class="facts" id="about" hidden>
          <dt>{say(LEDGER, 'file')}</dt>
          <dd>
            <a id="file"></a>
          </dd>
          <dt>{say(LEDGER, 'rowCount')}</dt>
          <dd id="count"></dd>
          <dt>SHA-256</dt>
          <dd>
            <code id="sha256"></code>
          </dd>
          <dt>{say(LEDGER, 'treeSize')}</dt>
          <dd id="tree"></dd>
        </dl>
      </section>
      <p id="refused" class="refused" role="alert" hidden></p>
    </>
  );
}

async function Ledger({ page }: { page: PageContext }) {
  const { say, call, who } = page;
  const isAuditor = who.auditor !== undefined;
  const note = isAuditor ? undefined : await newestNote(page);
  const key = await call('GET /v1/ledger/key');
  return (
    <>
      <h1>{say(LEDGER, 'ledger')}</h1>
      <p>{say(LEDGER, isAuditor ? 'auditorAsks' : 'ledgerHint')}</p>
      <dl class="facts">
        {typeof note === 'string' ? <HeadFacts page={page} note={note} /> : null}
        <dt>{say(LEDGER, 'verifierKey')}</dt>
        <dd>
          <code>{key.verifierKey}</code>
        </dd>
      </dl>
      {note === undefined ? null : <NewestCheckpoint page={page} note={note} />}
      {isAuditor ? null : <Checking page={page} check={await call('GET /v1/ledger/check')} />}
      {who.may.has('drills:record') ? <DrillList page={page} /> : null}
      {who.may.has('ledger:export') ? (
        <p>
          <a href="/exports">{say(LEDGER, 'exports')}</a>
        </p>
      ) : null}
      {who.may.has('access:read') ? (
        <p>
          <a href="/sign-ins">{say(SIGN_INS, 'signIns')}</a>
        </p>
      ) : null}
    </>
  );
}

function NewestCheckpoint({ page, note }: { page: PageContext; note: string | ClaimstampError }) {
  return (
    <>
      <h2>{page.say(LEDGER, 'checkpoint')}</h2>
      {typeof note === 'string' ? (
        <Checkpoint page={page} note={note} />
      ) : (
        <p class="refused" role="alert">
          <Why page={page} error={note} />
        </p>
      )}
    </>
  );
}

function Checking({ page, check }: { page: PageContext; check: CheckState }) {
  const { say } = page;
  return (
    <>
      <h2>{say(LEDGER, 'checkLedger')}</h2>
      <p>{say(LEDGER, 'checkHint')}</p>
      <Act page={page} action="/ledger/check" into="check">
        <button>{say(LEDGER, 'checkLedger')}</button>
      </Act>
      <div id="check">
        <CheckView page={page} check={check} />
      </div>
    </>
  );
}

/**
 * Returns the newest checkpoint. While the ledger is held, no checkpoint is signed, so the reason is returned instead.
 * The other parts of the page still work.
 */
async function newestNote({ file }: PageContext): Promise<string | ClaimstampError> {
  try {
    return await (await file('GET /v1/ledger/checkpoint')).text();
  } catch (error) {
    if (error instanceof ClaimstampError && error.code === 'ledger-unavailable') return error;
    throw error;
  }
}

function HeadFacts({ page: { say }, note }: { page: PageContext; note: string }) {
  const { size, root } = parseCheckpoint(note);
  return (
    <>
      <dt>{say(COMMON, 'events')}</dt>
      <dd>{size}</dd>
      <dt>{say(LEDGER, 'root')}</dt>
      <dd>
        <code>{Buffer.from(root).toString('hex')}</code>
      </dd>
    </>
  );
}

function Checkpoint({ page: { say }, note }: { page: PageContext; note: string }) {
  return (
    <>
      <p>{say(LEDGER, 'checkpointHint')}</p>
      <pre tabindex={0}>{note}</pre>
      <p>
        <a href="/v1/ledger/checkpoint" download={`checkpoint-${parseCheckpoint(note).size}.txt`}>
          {say(LEDGER, 'download')}
        </a>
      </p>
    </>
  );
}

/** Shows a check of the ledger. While the check runs, the page regularly asks for its progress. */
function CheckView({ page, check: { running, last } }: { page: PageContext; check: CheckState }) {
  const { say } = page;
  if (running !== undefined) {
    const { done, total } = running;
    return (
      <div hx-get="/ledger/check/now" hx-trigger="load delay:500ms" hx-target="#check">
        <label class="progress">
          {total === 0 ? say(LEDGER, 'waits') : say(COMMON, 'of', { units: done, planned: total })}
          <progress {...(total === 0 ? {} : { max: total, value: done })}></progress>
        </label>
      </div>
    );
  }
  if (last === undefined) return null;
  return (
    <section role="status">
      <p class={last.ok ? 'good' : 'bad'}>
        {last.ok ? '✓' : '✕'} {say(LEDGER, last.ok ? 'holds' : 'holdsNot', { size: last.size ?? 0 })}{' '}
        <Time page={page} at={last.at} />
      </p>
      <div lang="en">
        <Sentences of={last.findings} />
        <Sentences of={last.proven} />
      </div>
      {last.unproven.length === 0 ? null : (
        <>
          <h3>{say(LEDGER, 'unproven')}</h3>
          <div lang="en">
            <Sentences of={last.unproven} />
          </div>
        </>
      )}
    </section>
  );
}

function Sentences({ of }: { of: string[] }) {
  if (of.length === 0) return null;
  return (
    <ul>
      {of.map((sentence) => (
        <li>{sentence}</li>
      ))}
    </ul>
  );
}
