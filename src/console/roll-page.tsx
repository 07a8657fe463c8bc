import { setTimeout as pause } from 'node:timers/promises';
import { DEVICE, labelSetOf } from '../model/labels/label-set.ts';
import { COMMON } from '../../words/console/common.ts';
import { MAKE } from '../../words/console/make.ts';
import { Icon } from './icons.tsx';
import { Act, asked, Choice, Field, path } from './parts.tsx';
import { FORM } from './sent-form.ts';
import type { Pages, PageContext } from './pages.tsx';
import type { Tasks } from './tasks.tsx';
import { roleWord } from './verdict-words.ts';

/** The time in ms between two checks of the printer. */
const LOOK_MS = 1500;

/** The page of one roll: prints the labels of each role, and makes files of them. */
export function rollPage(pages: Pages, tasks: Tasks): void {
  printPage(pages, tasks);
  filePage(pages);
}

function printPage(pages: Pages, tasks: Tasks): void {
  const { ledger, labels, stopping } = pages.services;
  pages.page('/rolls/:name', 'units:list', async (page) => {
    const name = page.param('name');
    return {
      title: name,
      crumbs: [['/rolls', page.say(MAKE, 'rolls')]],
      body: <Roll page={page} name={name} sheets={labels.sheets()} />,
    };
  });
  pages.act('/rolls/:name/print', 'labels:print', async (page, fields) => {
    const { say } = page;
    const reservation = page.param('name');
    const station = fields.get('station') ?? '';
    const reason = fields.get('reason')?.trim() || say(MAKE, 'firstPrint');
    const role = roleIn(fields.get('role'));
    let from = Number(fields.get('from')?.trim() || 1);
    let queued = 0;
    let printer = '';
    /** Queues the next labels. Returns how many labels of the roll remain. */
    const next = async (asker: PageContext): Promise<number> => {
      const params = { name: station };
      const answer = await asker.call('POST /v1/stations/{name}/roll', {
        params,
        body: { reservation, from, reason, role },
      });
      ({ printer } = answer);
      from += answer.queued;
      queued += answer.queued;
      return answer.left;
    };
    let left = await next(page);
    return tasks.start(page, {
      title: say(MAKE, 'printing', { name: reservation }),
      async run(asker, moved) {
        const total = queued + left;
        moved(0, total);
        while (left > 0) left = await next(asker);
        for (;;) {
          const { length: open } = await ledger.openPrintJobs(printer);
          const { printers } = await asker.call('GET /v1/printers');
          const trouble = printers.find(({ name }) => name === printer)?.trouble;
          moved(total - Math.min(open, total), total, trouble === undefined ? undefined : `${printer}: ${trouble}`);
          if (open === 0 || stopping()) break;
          await pause(LOOK_MS, undefined, { ref: false });
        }
        return (shown) => <p class="good">{shown.say(MAKE, 'printed', { count: total, printer })}</p>;
      },
    });
  });
}

/** Returns the role for requests to the API, which name no role for the device's own label. */
function roleIn(sent: string | undefined): string | undefined {
  return sent === undefined || sent === DEVICE ? undefined : sent;
}

/** The labels of the roll as a PDF: in the roll's order, one a page or on sheets. */
function filePage(pages: Pages): void {
  pages.page('/rolls/:name/labels', 'labels:print', async (page) => {
    const reservation = page.param('name');
    const { role, sheet, start } = asked(page, ['role', 'sheet', 'start']);
    const made = await page.file('POST /v1/labels', {
      body: {
        reservation,
        role: roleIn(role),
        ...(sheet === undefined ? {} : { sheet, start: Number(start ?? 1) }),
      },
    });
    return new Response(made.body, {
      headers: {
        'content-type': made.headers.get('content-type') ?? 'application/pdf',
        'content-disposition': `attachment; filename="${[reservation, roleIn(role)].filter(Boolean).join('-')}.pdf"`,
        'cache-control': 'no-store',
      },
    });
  });
}

/** Returns the roles of the labels that the units of this roll have. */
async function rolesOf({ say, call }: PageContext, reservation: string): Promise<[string, string][]> {
  const [{ units }, { products }] = await Promise.all([
    call('GET /v1/units', { query: { reservation, limit: 1 } }),
    call('GET /v1/products'),
  ]);
  const product = products.find(({ id }) => id === units[0]?.product);
  return labelSetOf(product ?? {}).map(({ role }) => [role, roleWord(say, role)]);
}

async function Roll({ page, name, sheets }: { page: PageContext; name: string; sheets: string[] }) {
  const { say, call, who } = page;
  const [{ roll }, roles] = await Promise.all([
    call('GET /v1/reservations/{name}', { params: { name }, query: { limit: 1 } }),
    rolesOf(page, name),
  ]);
  const counts = [
    [say(MAKE, 'onRoll'), roll?.reserved],
    [say(MAKE, 'given'), roll?.given],
    [say(MAKE, 'voided'), roll?.voided],
    [say(MAKE, 'left'), roll?.left],
  ] as const;
  return (
    <>
      <div class="page-head">
        <h1>{name}</h1>
        <div class="row">
          <a class="btn" href={`/units?reservation=${encodeURIComponent(name)}`}>
            {say(COMMON, 'units')}
          </a>
          <a class="btn is-brief" href={`/v1${path('reservations', name, 'report.pdf')}`} download={`${name}.pdf`}>
            <Icon name="download" />
            <span>{say(MAKE, 'report')}</span>
          </a>
        </div>
      </div>
      <dl class="facts">
        {counts.map(([words, count]) => (
          <>
            <dt>{words}</dt>
            <dd class="num">{count ?? 0}</dd>
          </>
        ))}
      </dl>
      {who.may.has('labels:print') ? (
        <>
          <PrintRoll page={page} name={name} roles={roles} />
          <RollFile page={page} name={name} roles={roles} sheets={sheets} />
        </>
      ) : null}
    </>
  );
}

interface RollProps {
  page: PageContext;
  name: string;
  /** The roles of the labels, each with its word. */
  roles: [string, string][];
}

async function PrintRoll({ page, name, roles }: RollProps) {
  const { say, call } = page;
  const { stations } = await call('GET /v1/stations');
  const printing = stations.flatMap(({ name: station, printer, printers = {} }) => {
    const all = [printer ?? [], Object.entries(printers).map(([role, one]) => `${role}: ${one}`)].flat(2);
    return all.length === 0 ? [] : [[station, `${station} (${all.join(', ')})`] as const];
  });
  return (
    <>
      <h2>{say(MAKE, 'print')}</h2>
      {printing.length === 0 ? (
        <p class="soft">{say(MAKE, 'noStation')}</p>
      ) : (
        <Act page={page} action={path('rolls', name, 'print')} into="printing">
          <p class="soft">{say(MAKE, 'printHint')}</p>
          <Roles page={page} roles={roles} />
          <Choice label={say(COMMON, 'station')} name="station" of={printing} />
          <Field
            label={say(MAKE, 'fromLabel')}
            name="from"
            type="number"
            value="1"
            hint={say(MAKE, 'fromHint')}
            required
          />
          <Field label={say(MAKE, 'whyReprint')} name="reason" max={64} />
          <button class="btn btn-primary">{say(MAKE, 'printNow')}</button>
        </Act>
      )}
      <div id="printing"></div>
    </>
  );
}

function Roles({ page: { say }, roles }: Pick<RollProps, 'page' | 'roles'>) {
  return roles.length === 1 ? null : <Choice label={say(MAKE, 'whichLabels')} name="role" of={roles} />;
}

/** The labels of the roll as a file. The browser downloads it. */
function RollFile({ page, name, roles, sheets }: RollProps & { sheets: string[] }) {
  const { say } = page;
  const onSheets = sheets.map((sheet): [string, string] => [sheet, sheet]);
  return (
    <>
      <h2>{say(MAKE, 'asFile')}</h2>
      <p class="soft">{say(MAKE, 'asFileHint')}</p>
      <form class="search" method="get" action={path('rolls', name, 'labels')}>
        <FORM.Provider value={{ id: 'file' }}>
          <Roles page={page} roles={roles} />
          <Choice label={say(MAKE, 'sheet')} name="sheet" of={[['', say(MAKE, 'noSheet')], ...onSheets]} />
          <Field
            label={say(MAKE, 'firstCell')}
            name="start"
            type="number"
            value="1"
            hint={say(MAKE, 'firstCellHint')}
          />
          <button class="btn">
            <Icon name="download" />
            <span>{say(MAKE, 'downloadPdf')}</span>
          </button>
        </FORM.Provider>
      </form>
    </>
  );
}
