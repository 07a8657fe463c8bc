import { randomUUID } from 'node:crypto';
import { nameOf } from '../http/auth.ts';
import { deviceZip, type FileUnit } from '../http/device-zip.ts';
import type { Fields } from '../http/form.ts';
import { refusal } from '../platform/error.ts';
import { COMMON } from '../../words/console/common.ts';
import { MAKE } from '../../words/console/make.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { Icon } from './icons.tsx';
import { Act, Choice, Field, path, Table } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';
import { rollPage } from './roll-page.tsx';
import type { Tasks } from './tasks.tsx';

/** The number of units per request. The ledger needs only a few ms for one request, so agents are not delayed. */
const CHUNK = 500;

/** The maximum number of units. No roll has this many labels, and no firmware build takes this many files. */
const MOST = 50_000;

/** The pages on which a person reserves and prints rolls of labels, and makes files for firmware. */
export function rollPages(pages: Pages, tasks: Tasks): void {
  reservePages(pages, tasks);
  rollPage(pages, tasks);
  filePages(pages, tasks);
}

function countIn({ say }: PageContext, fields: Fields): number {
  const text = fields.get('count')?.trim() ?? '';
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST) return Number(text);
  throw refusal('invalid', 'values', { problems: [{ key: `"count": ${say(MAKE, 'countHint', { max: MOST })}` }] });
}

/** Makes units in several requests, starting after those that are already made. */
async function inChunks(
  count: number,
  done: number,
  make: (part: { count: number; of: number }) => Promise<unknown>,
  moved: (done: number) => void,
): Promise<void> {
  for (let made = done; made < count;) {
    const part = Math.min(CHUNK, count - made);
    await make({ count: part, of: count - made });
    made += part;
    moved(made);
  }
}

/* Rolls */

function reservePages(pages: Pages, tasks: Tasks): void {
  pages.page('/rolls', 'units:list', async (page) => ({
    title: page.say(MAKE, 'rolls'),
    body: <Rolls page={page} />,
  }));
  pages.act('/rolls', 'units:make', async (page, fields) => {
    const { say } = page;
    const name = fields.get('name')?.trim() ?? '';
    const product = fields.get('product') ?? '';
    const count = countIn(page, fields);
    let done = 0;
    const make = (asker: PageContext, part: { count: number; of: number }): Promise<unknown> =>
      asker.call('POST /v1/reservations', { body: { name, product, ...part } });
    // The first request runs while the form is still open, so that problems are shown beside their fields.
    const first = Math.min(CHUNK, count);
    await make(page, { count: first, of: count });
    done = first;
    return tasks.start(page, {
      title: say(MAKE, 'reserving', { name }),
      total: count,
      async run(asker, moved) {
        moved(done);
        await inChunks(
          count,
          done,
          (part) => make(asker, part),
          (made) => moved((done = made)),
        );
        return (shown) => (
          <>
            <p class="good">{shown.say(MAKE, 'reserved', { count })}</p>
            <p>
              <a class="btn btn-primary" href={path('rolls', name)}>
                {shown.say(MAKE, 'toRoll')}
              </a>
            </p>
          </>
        );
      },
    });
  });
}

async function Rolls({ page }: { page: PageContext }) {
  const { say, call, who } = page;
  const { rolls } = await call('GET /v1/exceptions');
  return (
    <>
      <h1>{say(MAKE, 'rolls')}</h1>
      <p>{say(MAKE, 'rollsHint')}</p>
      {rolls.length === 0 ? (
        <p class="soft">{say(MAKE, 'noRolls')}</p>
      ) : (
        <Table caption={say(MAKE, 'rolls')} heads={[say(MAKE, 'roll'), say(MAKE, 'unused')]}>
          {rolls.map(({ name, count }) => (
            <tr>
              <th scope="row">
                <a class="row" href={path('rolls', name)}>
                  {name}
                </a>
              </th>
              <td>{count}</td>
            </tr>
          ))}
        </Table>
      )}
      {who.may.has('units:make') ? (
        <>
          <h2>{say(MAKE, 'newRoll')}</h2>
          <Act page={page} action="/rolls" into="reserving">
            <Field label={say(MAKE, 'rollName')} name="name" hint={say(MAKE, 'rollNameHint')} required max={64} />
            <Choice label={say(COMMON, 'product')} name="product" of={await page.productNames()} />
            <Count page={page} label="count" />
            <button class="btn btn-primary">{say(MAKE, 'reserve')}</button>
          </Act>
          <div id="reserving"></div>
        </>
      ) : null}
    </>
  );
}

/* Files for firmware */

/** How long, in ms, a set of files can be downloaded, and how many sets are kept. */
const KEPT_MS = 60 * 60 * 1000;
const MAX_STACKS = 20;

function filePages(pages: Pages, tasks: Tasks): void {
  const { now } = pages.services;
  const stacks = new Map<string, { by: string; at: number; units: FileUnit[] }>();
  pages.page('/units/files', 'units:make', async (page) => ({
    title: page.say(MAKE, 'files'),
    body: <Files page={page} />,
  }));
  pages.act('/units/files', 'units:make', async (page, fields) => {
    const product = fields.get('product') ?? '';
    const workOrder = fields.get('workOrder') || undefined;
    const count = countIn(page, fields);
    const units: FileUnit[] = [];
    const make = async (asker: PageContext, part: { count: number; of: number }): Promise<void> => {
      const made = await asker.call('POST /v1/units', { body: { product, workOrder, ...part } });
      units.push(...made.units.map((unit) => ({ ...unit, product })));
    };
    await make(page, { count: Math.min(CHUNK, count), of: count });
    const id = randomUUID();
    for (const [key, { at }] of stacks) if (now() - at > KEPT_MS || stacks.size >= MAX_STACKS) stacks.delete(key);
    stacks.set(id, { by: nameOf(page.who), at: now(), units });
    return tasks.start(page, {
      title: page.say(MAKE, 'making', { count }),
      total: count,
      async run(asker, moved) {
        moved(units.length);
        await inChunks(count, units.length, (part) => make(asker, part), moved);
        return (shown) => <Made page={shown} id={id} count={count} />;
      },
    });
  });
  pages.file('/units/files/:id', 'units:make', (page) => {
    const stack = stacks.get(page.param('id'));
    if (stack === undefined || stack.by !== nameOf(page.who)) throw refusal('not-found', 'task');
    const headers = {
      'content-type': 'application/zip',
      'content-disposition': 'attachment; filename="device-files.zip"',
      'cache-control': 'no-store',
    };
    return new Response(deviceZip(stack.units, new Date(now())), { headers });
  });
}

function Count({ page: { say }, label }: { page: PageContext; label: 'count' | 'units' }) {
  const hint = say(MAKE, 'countHint', { max: MOST });
  return <Field label={say(MAKE, label)} name="count" type="number" hint={hint} required />;
}

async function Files({ page }: { page: PageContext }) {
  const { say, call } = page;
  const { workOrders } = await call('GET /v1/work-orders');
  const open = workOrders.filter(({ closed }) => !closed).map(({ id }) => [id, id] as const);
  return (
    <>
      <h1>{say(MAKE, 'files')}</h1>
      <p>{say(MAKE, 'filesHint')}</p>
      <Act page={page} action="/units/files" into="making">
        <Choice label={say(COMMON, 'product')} name="product" of={await page.productNames()} />
        <Choice label={say(COMMON, 'workOrder')} name="workOrder" of={[['', say(SET_UP, 'none')], ...open]} />
        <Count page={page} label="units" />
        <button class="btn btn-primary">{say(MAKE, 'makeFiles')}</button>
      </Act>
      <div id="making"></div>
    </>
  );
}

function Made({ page: { say }, id, count }: { page: PageContext; id: string; count: number }) {
  return (
    <>
      <p class="good">{say(MAKE, 'made', { count })}</p>
      <p>
        <a class="btn btn-primary" href={path('units', 'files', id)} download="device-files.zip">
          <Icon name="download" />
          <span>{say(MAKE, 'download')}</span>
        </a>
      </p>
      <p class="soft">{say(MAKE, 'downloadHint')}</p>
    </>
  );
}
