import { parseCheckpoint } from '../proof/checkpoint.ts';
import { EXPORT_FORMATS } from '../contract/exports.ts';
import type { Answer } from '../http/client.ts';
import { DESK } from './qa-words.ts';
import { Act, Choice, Field, statuses, Time } from './parts.tsx';
import type { Pages, Visit } from './visit.tsx';

type CheckState = Answer<'GET /v1/ledger/check'>;

/** What an auditor asks for: exports with their checksum, the tree head, a check of the ledger. */
export function ledgerPages(pages: Pages): void {
  pages.page('/exports', 'ledger:export', async (visit) => ({
    title: visit.say(DESK, 'exports'),
    body: <Exports visit={visit} />,
    scripts: ['exports.js'],
  }));
  pages.page('/ledger', 'ledger:read', async (visit) => ({
    title: visit.say(DESK, 'ledger'),
    body: <Ledger visit={visit} />,
  }));
  pages.act('/ledger/check', 'ledger:read', async (visit) => (
    <CheckView visit={visit} check={await visit.call('POST /v1/ledger/check')} />
  ));
  pages.part('/ledger/check/now', 'ledger:read', async (visit) => (
    <CheckView visit={visit} check={await visit.call('GET /v1/ledger/check')} />
  ));
}

function Exports({ visit: { say } }: { visit: Visit }) {
  return (
    <>
      <h1>{say(DESK, 'exports')}</h1>
      <p>{say(DESK, 'exportHint')}</p>
      <form id="export" class="search">
        <Choice
          label={say(DESK, 'rows')}
          name="of"
          of={[
            ['units', say(DESK, 'units')],
            ['events', say(DESK, 'events')],
          ]}
        />
        <Choice
          label={say(DESK, 'format')}
          name="format"
          of={EXPORT_FORMATS.map((format) => [format, say(DESK, `format.${format}`)])}
        />
        <Field label={say(DESK, 'product')} name="product" />
        <Field label={say(DESK, 'workOrder')} name="workOrder" />
        <Field label={say(DESK, 'lot')} name="lot" />
        <Field label={say(DESK, 'station')} name="station" />
        <Choice label={say(DESK, 'status')} name="status" of={statuses(say)} />
        <Field label={say(DESK, 'from')} name="from" type="date" />
        <Field label={say(DESK, 'to')} name="to" type="date" />
        <button>{say(DESK, 'export')}</button>
      </form>
      <section id="made" role="status" hidden>
        <label class="progress">
          <span id="doing" data-waits={say(DESK, 'waits')} data-done={say(DESK, 'exported')}></span>
          <progress id="bar"></progress>
        </label>
        <dl class="facts" id="about" hidden>
          <dt>{say(DESK, 'file')}</dt>
          <dd>
            <a id="file"></a>
          </dd>
          <dt>{say(DESK, 'rowCount')}</dt>
          <dd id="count"></dd>
          <dt>SHA-256</dt>
          <dd>
            <code id="sha256"></code>
          </dd>
          <dt>{say(DESK, 'treeSize')}</dt>
          <dd id="tree"></dd>
        </dl>
      </section>
      <p id="refused" class="refused" role="alert" lang="en" hidden></p>
    </>
  );
}

async function Ledger({ visit }: { visit: Visit }) {
  const { say, call, file, who } = visit;
  const note = await (await file('GET /v1/ledger/checkpoint')).text();
  const key = await call('GET /v1/ledger/key');
  const check = await call('GET /v1/ledger/check');
  const { size, root } = parseCheckpoint(note);
  return (
    <>
      <h1>{say(DESK, 'ledger')}</h1>
      <p>{say(DESK, 'ledgerHint')}</p>
      <dl class="facts">
        <dt>{say(DESK, 'events')}</dt>
        <dd>{size}</dd>
        <dt>{say(DESK, 'root')}</dt>
        <dd>
          <code>{Buffer.from(root).toString('hex')}</code>
        </dd>
        <dt>{say(DESK, 'verifierKey')}</dt>
        <dd>
          <code>{key.verifierKey}</code>
        </dd>
      </dl>
      <h2>{say(DESK, 'checkpoint')}</h2>
      <p>{say(DESK, 'checkpointHint')}</p>
      <pre tabindex={0}>{note}</pre>
      <p>
        <a href="/v1/ledger/checkpoint" download={`checkpoint-${size}.txt`}>
          {say(DESK, 'download')}
        </a>
      </p>
      <h2>{say(DESK, 'checkLedger')}</h2>
      <p>{say(DESK, 'checkHint')}</p>
      <Act visit={visit} action="/ledger/check" into="check">
        <button>{say(DESK, 'checkLedger')}</button>
      </Act>
      <div id="check">
        <CheckView visit={visit} check={check} />
      </div>
      {who.may.has('ledger:export') ? (
        <p>
          <a href="/exports">{say(DESK, 'exports')}</a>
        </p>
      ) : null}
    </>
  );
}

/** While a check runs the page asks how far it is. */
function CheckView({ visit, check: { running, last } }: { visit: Visit; check: CheckState }) {
  const { say } = visit;
  if (running !== undefined) {
    const { done, total } = running;
    return (
      <div hx-get="/ledger/check/now" hx-trigger="load delay:500ms" hx-target="#check">
        <label class="progress">
          {total === 0 ? say(DESK, 'waits') : say(DESK, 'of', { units: done, planned: total })}
          <progress {...(total === 0 ? {} : { max: total, value: done })}></progress>
        </label>
      </div>
    );
  }
  if (last === undefined) return null;
  return (
    <section role="status">
      <p class={last.ok ? 'good' : 'bad'}>
        {last.ok ? '✓' : '✕'} {say(DESK, last.ok ? 'holds' : 'holdsNot', { size: last.size ?? 0 })}{' '}
        <Time visit={visit} at={last.at} />
      </p>
      <div lang="en">
        <Sentences of={last.findings} />
        <Sentences of={last.proven} />
      </div>
      {last.unproven.length === 0 ? null : (
        <>
          <h3>{say(DESK, 'unproven')}</h3>
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
