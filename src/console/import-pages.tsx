import { randomUUID } from 'node:crypto';
import { MAX_IMPORT } from '../decide/imports/import-units.ts';
import type { SheetToImport } from '../contract/imports.ts';
import { nameOf } from '../http/auth.ts';
import { problemsIn } from '../http/problems.ts';
import { ClaimstampError, refusal } from '../platform/error.ts';
import { COMMON } from '../../words/console/common.ts';
import { MAKE } from '../../words/console/make.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { Act, Choice, Field, Table } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';
import type { Tasks } from './tasks.tsx';

/** The maximum size of a file. A CSV file with 20,000 units is only a few MB, and a workbook is smaller. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/**
 * How long, in ms, a checked file is kept. People look at a preview for a few minutes. The time is limited, because the
 * units of a large file take several MB of memory.
 */
const CHECKED_MS = 15 * 60 * 1000;
const MAX_CHECKED = 8;

interface Checked {
  by: string;
  at: number;
  as: 'issued' | 'reserved';
  units: SheetToImport['units'];
  warnings: SheetToImport['warnings'];
}

/** The page on which a person imports units from a file: first the preview with all problems, then the import. */
export function importPages(pages: Pages, tasks: Tasks): void {
  const { services } = pages;
  const checked = new Map<string, Checked>();
  pages.page('/units/import', 'units:make', async (page) => ({
    title: page.say(MAKE, 'import'),
    body: <Import page={page} products={await page.productNames()} />,
  }));
  pages.upload(
    '/units/import',
    'units:make',
    async (page, fields, files) => {
      const file = files.get('file');
      if (file === undefined || file.size === 0)
        throw new ClaimstampError('invalid', { key: page.say(MAKE, 'noFile') });
      const product = fields.get('product') || undefined;
      const as = fields.get('as') === 'reserved' ? 'reserved' : 'issued';
      const sheet = await services.sheets.read(new Uint8Array(await file.arrayBuffer()), product, nameOf(page.who));
      const notes: Notes = {};
      const problems = await problemsOf(page, sheet, as, notes);
      const id = randomUUID();
      if (problems.length === 0) {
        for (const [key, { at }] of checked)
          if (services.now() - at > CHECKED_MS || checked.size >= MAX_CHECKED) checked.delete(key);
        checked.set(id, { by: nameOf(page.who), at: services.now(), as, units: sheet.units, warnings: sheet.warnings });
      }
      return <Preview page={page} file={file.name} {...{ sheet, problems, notes, id }} />;
    },
    MAX_FILE_BYTES,
  );
  pages.act('/units/import/sure', 'units:make', async (page, fields) => {
    const id = fields.get('id') ?? '';
    const found = checked.get(id);
    if (found === undefined || found.by !== nameOf(page.who))
      throw new ClaimstampError('invalid', { key: page.say(MAKE, 'tooOld') });
    checked.delete(id);
    const { as, units, warnings } = found;
    return tasks.start(page, {
      title: page.say(MAKE, 'importAll', { count: units.length }),
      async run(asker) {
        const { imported, ...notes } = await asker.call('POST /v1/units/import', { body: { as, units } });
        return (shown) => <Imported page={shown} count={imported} warnings={warnings} notes={notes} />;
      },
    });
  });
}

/** Returns the problems found in the file and those found by the ledger, sorted by line. Sets `notes`. */
async function problemsOf(
  page: PageContext,
  { units, problems }: SheetToImport,
  as: Checked['as'],
  notes: Notes,
): Promise<string[]> {
  const said = problems.map(({ line, why }) => `line ${line}: ${why}`);
  if (units.length > MAX_IMPORT) return [...said, page.say(MAKE, 'fileHint', { max: MAX_IMPORT })];
  if (units.length > 0)
    try {
      Object.assign(notes, await page.call('POST /v1/units/import', { body: { as, units, check: true } }));
    } catch (error) {
      if (!(error instanceof ClaimstampError)) throw error;
      said.push(...(problemsIn(error, page.language) ?? [error.message]));
    }
  else if (said.length === 0) throw refusal('not-found', 'noUnits');
  return said.toSorted(byLine.compare);
}

/** Compares numbers by value, so that line 9 comes before line 10. */
const byLine = new Intl.Collator('en', { numeric: true });

function Import({ page, products }: { page: PageContext; products: [string, string][] }) {
  const { say } = page;
  return (
    <>
      <h1>{say(MAKE, 'import')}</h1>
      <p>{say(MAKE, 'importHint')}</p>
      <Act page={page} action="/units/import" into="checked" upload>
        <Field
          label={say(MAKE, 'file')}
          name="file"
          type="file"
          hint={say(MAKE, 'fileHint', { max: MAX_IMPORT })}
          required
        />
        <Choice label={say(MAKE, 'productOfLines')} name="product" of={[['', say(SET_UP, 'none')], ...products]} />
        <Choice
          label={say(MAKE, 'as')}
          name="as"
          of={(['issued', 'reserved'] as const).map((as) => [as, say(MAKE, `as.${as}`)] as const)}
        />
        <button class="btn btn-primary">{say(MAKE, 'check')}</button>
      </Act>
      <div id="checked"></div>
    </>
  );
}

/** The number of problems that are shown. */
const MAX_SHOWN = 50;

interface PreviewProps {
  page: PageContext;
  file: string;
  sheet: SheetToImport;
  problems: string[];
  notes: Notes;
  id: string;
}

function Preview({ page, file, sheet, problems, notes, id }: PreviewProps) {
  const { say } = page;
  const count = sheet.units.length;
  const isGood = problems.length === 0;
  return (
    <section role="status">
      <h2>{isGood ? say(MAKE, 'foundUnits', { count }) : say(MAKE, 'foundProblems', { count: problems.length })}</h2>
      <p class="soft">{say(MAKE, 'read', { file, format: sheet.format })}</p>
      {sheet.own ? <p>{say(MAKE, 'isExport')}</p> : null}
      {isGood ? null : (
        <>
          <ul class="dots bad">
            {problems.slice(0, MAX_SHOWN).map((one) => (
              <li>{one}</li>
            ))}
          </ul>
          {problems.length > MAX_SHOWN ? (
            <p>{say(MAKE, 'moreProblems', { count: problems.length - MAX_SHOWN })}</p>
          ) : null}
          <p>{say(MAKE, 'problemsHint')}</p>
        </>
      )}
      <Noticed page={page} notes={notes} />
      <Warnings page={page} warnings={sheet.warnings} />
      <Rows page={page} sheet={sheet} />
      {isGood ? (
        <Act page={page} action="/units/import/sure" into="checked" ask={say(MAKE, 'askImport', { count })}>
          <input type="hidden" name="id" value={id} />
          <button class="btn btn-primary">{say(MAKE, 'importAll', { count })}</button>
        </Act>
      ) : null}
    </section>
  );
}

/** Shows the file's columns with the properties that they become, and the first rows. */
function Rows({ page: { say }, sheet: { preview, units } }: { page: PageContext; sheet: SheetToImport }) {
  const { columns, rows } = preview;
  if (columns.length === 0) return null;
  return (
    <>
      <Table caption={say(COMMON, 'units')} heads={[say(MAKE, 'line'), ...columns.map(({ head }) => head)]}>
        <tr>
          <td class="soft">{say(MAKE, 'becomes')}</td>
          {columns.map(({ property }) => (
            <td class="soft">{property === 'uci' ? say(COMMON, 'claimId') : property}</td>
          ))}
        </tr>
        {rows.map(({ line, cells }) => (
          <tr>
            <td>{line}</td>
            {cells.map((cell) => (
              <td>{cell}</td>
            ))}
          </tr>
        ))}
      </Table>
      {units.length > rows.length ? (
        <p class="soft">{say(MAKE, 'moreUnits', { count: units.length - rows.length })}</p>
      ) : null}
    </>
  );
}

interface Noted {
  count: number;
  first: string[];
}

/** Warnings about units that can be imported, but whose identity may not work as people expect. */
interface Notes {
  unidentified?: Noted | undefined;
  notMacs?: Noted | undefined;
  inPools?: Noted | undefined;
}

const NOTES = ['unidentified', 'notMacs', 'inPools'] as const;

function Noticed({ page: { say }, notes }: { page: PageContext; notes: Notes }) {
  return (
    <>
      {NOTES.map((name) => {
        const { count, first } = notes[name] ?? { count: 0, first: [] };
        if (count === 0) return null;
        const lines = first.join(', ') + (count > first.length ? ', …' : '');
        return <p class="bad">{say(MAKE, name, { count, lines })}</p>;
      })}
    </>
  );
}

interface WarningsProps {
  page: PageContext;
  warnings: SheetToImport['warnings'];
}

function Warnings({ page: { say }, warnings }: WarningsProps) {
  return (
    <>
      {warnings.map(({ line, why }) => (
        <p class="soft">
          {say(MAKE, 'line')} {line}: {why}
        </p>
      ))}
    </>
  );
}

function Imported({ page, count, warnings, notes }: WarningsProps & { count: number; notes: Notes }) {
  const { say } = page;
  return (
    <>
      <p class="good">{say(MAKE, 'imported', { count })}</p>
      <Noticed {...{ page, notes }} />
      <Warnings {...{ page, warnings }} />
      <p>
        <a class="btn" href="/units?newest=true">
          {say(MAKE, 'toUnits')}
        </a>
      </p>
    </>
  );
}
