import { randomBytes } from 'node:crypto';
import { Act, Choice } from './parts.tsx';
import { SET_UP } from '../../words/console/set-up.ts';
import type { Pages, PageContext } from './pages.tsx';

/** The page with all badges, for printing from the browser. Each badge can also be printed on a label printer. */
export function badgesPage(pages: Pages): void {
  pages.page('/badges', 'access:operators', async (page) => {
    const [{ people }, { printers }] = await Promise.all([page.call('GET /v1/people'), page.call('GET /v1/printers')]);
    const wearers = people.filter(({ hasBadge, removedAt }) => hasBadge && removedAt === undefined);
    const names = printers.map(({ name }) => name);
    return {
      title: page.say(SET_UP, 'badges'),
      body: <Badges page={page} names={wearers.map(({ name }) => name)} printers={names} />,
    };
  });
  pages.act('/badges', 'access:operators', async (page, fields) => {
    const params = { name: fields.get('name') ?? '' };
    const body = { printer: fields.get('printer') ?? '' };
    const printed = await page.call('POST /v1/people/{name}/badge', { params, body });
    const isFine = printed.state === 'done' || printed.state === 'sent';
    const said = page.say(SET_UP, isFine ? 'badgePrinted' : 'badgeNotPrinted');
    return <p class={isFine ? 'good' : 'bad'}>{[said, printed.reason].filter(Boolean).join(': ')}</p>;
  });
}

function Badges({ page, names, printers }: { page: PageContext; names: string[]; printers: string[] }) {
  const { say } = page;
  return (
    <>
      <h1>{say(SET_UP, 'badges')}</h1>
      <p>{say(SET_UP, 'badgesHint')}</p>
      {names.length === 0 ? (
        <>
          <p>{say(SET_UP, 'noBadges')}</p>
          <p>
            <a class="btn btn-primary" href="/people">
              {say(SET_UP, 'giveBadge')}
            </a>
          </p>
        </>
      ) : null}
      <div class="badges">
        {names.map((name, index) => (
          <figure id={name}>
            <BadgePicture name={name} />
            {printers.length === 0 ? null : (
              <Act page={page} action="/badges" into={`badge-${index}`}>
                <input type="hidden" name="name" value={name} />
                <Choice label={say(SET_UP, 'onPrinter')} name="printer" of={printers.map((one) => [one, one])} />
                <button>{say(SET_UP, 'printBadge')}</button>
                <div id={`badge-${index}`}></div>
              </Act>
            )}
          </figure>
        ))}
      </div>
    </>
  );
}

export function BadgePicture({ name }: { name: string }) {
  return <img class="label" src={`/v1/people/${encodeURIComponent(name)}/badge.svg`} alt={name} />;
}

/** The badge of one person, with a link to the page that prints it. */
export function OwnBadge({ page: { say }, name }: { page: PageContext; name: string }) {
  return (
    <div class="own-badge">
      <p>
        <a class="btn" href={`/badges#${encodeURIComponent(name)}`}>
          {say(SET_UP, 'printBadge')}
        </a>
      </p>
      <BadgePicture name={name} />
      <p class="soft">
        {say(SET_UP, 'badgeUse')} <a href="/stations">{say(SET_UP, 'stations')}</a>
      </p>
    </div>
  );
}

/** Returns a text for a badge that cannot be guessed, and that no one has. */
export function drawBadge(): string {
  return `OP-${randomBytes(4).toString('hex').toUpperCase()}`;
}
