import type { Answer } from '../http/client.ts';
import { PRINTS } from '../../words/console/prints.ts';
import { path, Time } from './parts.tsx';
import { DEVICE } from '../model/labels/label-set.ts';
import { roleWord } from './verdict-words.ts';
import { Card } from './pictures.tsx';
import type { Pages, PageContext } from './pages.tsx';

type Print = Answer<'GET /v1/units/{uci}/prints'>['prints'][number];
type Set = NonNullable<Print['set']>;
type Difference = Answer<'GET /v1/units/{uci}/prints/{job}'>['differences'][number];

/** The part of a unit's page that draws one of its labels again. */
export function unitPrints(pages: Pages): void {
  pages.part('/units/:uci/prints/:job', 'units:read', async (page) => {
    const params = { uci: page.param('uci'), job: Number(page.param('job')) };
    const { same, differences } = await page.call('GET /v1/units/{uci}/prints/{job}', { params });
    return <Redrawn page={page} {...params} same={same} differences={differences} />;
  });
}

/** The printed labels, with the template and the fonts of each. */
export async function Prints({ page, uci }: { page: PageContext; uci: string }) {
  const { say } = page;
  const { prints } = await page.call('GET /v1/units/{uci}/prints', { params: { uci } });
  return (
    <Card title={say(PRINTS, 'printed')} note={<p>{say(PRINTS, prints.length === 0 ? 'none' : 'hint')}</p>}>
      {prints.map((print) => (
        <div class="card-body">
          <One page={page} uci={uci} print={print} />
        </div>
      ))}
    </Card>
  );
}

function One({ page, uci, print }: { page: PageContext; uci: string; print: Print }) {
  const { say, who } = page;
  const { job, printer, at, reprint, set } = print;
  return (
    <section aria-label={say(PRINTS, 'job', { job, printer })}>
      <p>
        <b>{say(PRINTS, 'job', { job, printer })}</b>, {roleWord(say, print.role ?? set?.role ?? DEVICE)},{' '}
        <Time page={page} at={at} />
      </p>
      {reprint === undefined ? null : <p>{say(PRINTS, 'reprint', { reason: reprint })}</p>}
      {set === undefined ? <p class="soft">{say(PRINTS, 'earlier')}</p> : <Facts page={page} set={set} />}
      {/* Auditors get no labels, because a label has the complete Claim ID. */}
      {set === undefined || who.auditor !== undefined ? null : (
        <details>
          <summary>{say(PRINTS, 'draw')}</summary>
          <div hx-get={path('units', uci, 'prints', String(job))} hx-trigger="toggle from:closest details once"></div>
        </details>
      )}
    </section>
  );
}

/** How many digits of a hash are shown: enough for people to tell files apart. */
const HASH_DIGITS = 12;

function Facts({ page: { say }, set }: { page: PageContext; set: Set }) {
  const { name, revision, hash } = set.template;
  const files = Object.entries({ ...set.fonts, ...set.files });
  const short = hash.slice(0, HASH_DIGITS);
  const rows: [string, string][] = [
    [
      say(PRINTS, 'template'),
      revision === undefined ? say(PRINTS, 'file', { name, hash: short }) : say(PRINTS, 'revision', { name, revision }),
    ],
    [say(PRINTS, 'set'), String(set.number)],
    [say(PRINTS, 'fonts'), files.map(([file, one]) => `${file} ${one.slice(0, HASH_DIGITS)}`).join(', ')],
    [say(PRINTS, 'renderer'), String(set.renderer)],
    [say(PRINTS, 'resolution'), `${set.dpi} dpi`],
  ];
  return (
    <dl class="facts">
      {rows.map(([fact, value]) => (
        <>
          <dt>{fact}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}

interface RedrawnProps {
  page: PageContext;
  uci: string;
  job: number;
  same: boolean;
  differences: Difference[];
}

function Redrawn({ page, uci, job, same, differences }: RedrawnProps) {
  const { say } = page;
  return (
    <>
      <div class="liner">
        <img src={`/v1${path('units', uci, 'prints', String(job))}/label.png`} alt={say(PRINTS, 'picture')} />
      </div>
      {same ? (
        <p class="good">✓ {say(PRINTS, 'same')}</p>
      ) : (
        <>
          <p class="bad">{say(PRINTS, 'differs')}</p>
          <ul>
            {differences.map((one) => (
              <li>{differenceSaid(page, one)}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function differenceSaid({ say }: PageContext, { part, before, now }: Difference): string {
  if (part === 'sample') return say(PRINTS, 'differs.sample');
  if (part === 'renderer') return say(PRINTS, 'differs.renderer', { before, now });
  return say(PRINTS, 'differs.content', { part });
}
