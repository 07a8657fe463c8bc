import { asset } from '../http/assets.ts';
import { STATION } from '../../words/console/station.ts';
import { SCANNER } from '../../words/console/scanner.ts';
import { FRAME } from '../../words/console/frame.ts';
import { LanguageLinks, placeOf } from './frame.tsx';
import { Icon, Mark, Shape } from './station-icons.tsx';
import type { Nest } from './station-nests.ts';
import { Orders } from './station-orders.tsx';
import { Acts, Nests, Notes, Say, Who, type View } from './station-view.tsx';
import { MAX_SENT } from '../model/scan/read.ts';
import type { Station } from '../model/station.ts';
import type { PageContext } from './pages.tsx';

/** Returns the CSS classes (assets/station.css) for a station's screen settings. */
export function classesOf(
  { theme, size }: Pick<Station, 'theme' | 'size'>,
  nests: Nest[],
): { html: string; body: string } {
  return {
    html: [theme === 'dark' || theme === 'light' ? theme : '', size === 'far' ? 'far' : ''].join(' ').trim(),
    body: nests.length > 1 ? 'station is-multi' : 'station',
  };
}

/**
 * A station's screen. The data attributes contain texts for assets/station.js in the page's language. `LiveParts` fills
 * the elements that have an id, here and after each change.
 */
export function Screen(props: View) {
  const { page, nests } = props;
  const { say, csrf } = page;
  const name = page.param('name');
  const names = nests.map(({ station }) => station.name).join(' ');
  return (
    <div
      id="station"
      data-name={name}
      data-stations={names}
      data-csrf={csrf}
      data-worker={asset('stream-worker.js')}
      data-choose={say(STATION, 'chooseNest')}
    >
      <Top {...props} />
      <main id="content">
        <div id="lost" role="alert" class="say say-stop" hidden>
          <Shape name="stop" />
          <h2>{say(FRAME, 'lost')}</h2>
        </div>
        <div id="expired" role="alert" class="say say-stop" hidden>
          <Shape name="stop" />
          <div>
            <h2>{say(FRAME, 'expired')}</h2>
            <p>
              <a href={`/sign-in?back=${encodeURIComponent(placeOf(page.c.req.url))}`}>{say(FRAME, 'signIn')}</a>
            </p>
          </div>
        </div>
        <div id="ask" class="say say-do" role="status" hidden>
          <Icon name="scan" />
          <div>
            <h2></h2>
            <p></p>
          </div>
          <Close page={page} />
        </div>
        <div id="told" role="status" hidden></div>
        <Say {...props} />
        <Nests {...props} />
        <Notes {...props} />
        <div id="list" role="dialog" aria-label={say(STATION, 'moreSteps')} tabindex={-1} hidden></div>
      </main>
      <Acts {...props} />
      <div
        id="verdict"
        role="alert"
        hidden
        data-rejected={say(STATION, 'rejected')}
        data-busy={say(STATION, 'busy')}
      ></div>
      <div id="verdict-close">
        <Close page={page} />
      </div>
      <div id="again" hidden>
        {say(STATION, 'again')}
      </div>
      <p id="toast" class="toast" role="status" hidden></p>
    </div>
  );
}

/** The button that closes what covers the screen. assets/station.js also closes it on Esc. */
function Close({ page: { say, who } }: { page: PageContext }) {
  if (!who.may.has('stations:operate')) return null;
  return (
    <button class="btn" type="button">
      {say(STATION, 'close')} <kbd>Esc</kbd>
    </button>
  );
}

/** The header of a page opened from a station's screen, with a button back to that screen. */
export function SubPageTop({ page, title }: { page: PageContext; title: string }) {
  const name = page.param('name');
  return (
    <header class="station-top">
      <h1 class="station-name">
        <Mark />
        {name}: {title}
      </h1>
      <a class="btn" href={`/stations/${name}`}>
        {page.say(STATION, 'close')}
      </a>
    </header>
  );
}

function Top(props: View) {
  const { page, nests } = props;
  const { say, who, language, c } = page;
  const [first] = nests;
  return (
    <header class="station-top">
      <h1 class="station-name">
        <Mark />
        {page.param('name')}
      </h1>
      {who.may.has('stations:operate') ? (
        <form id="scan" class="scan">
          <Icon name="scan" />
          <label class="sr" for="code">
            {say(STATION, 'scan')}
          </label>
          <input
            id="code"
            name="code"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            maxlength={MAX_SENT}
          />
          <span
            id="hint"
            class="scan-state"
            data-label={say(STATION, 'armNow')}
            data-rework={say(STATION, 'reworkNow')}
            data-device={say(STATION, 'labelNow')}
            data-roll={say(STATION, 'rollNow')}
          >
            <Shape name="good" />
            <span>{say(STATION, 'waiting')}</span>
          </span>
        </form>
      ) : null}
      <Orders {...props} />
      <details class="drop" name="station-menu">
        <summary aria-label={say(STATION, 'menu')}>
          <Icon name="person" />
          <Who {...props} />
        </summary>
        <nav aria-label={say(STATION, 'menu')}>
          {who.kiosk === undefined ? <a href="/stations">{say(STATION, 'stations')}</a> : null}
          {who.may.has('stations:operate') ? (
            <a href={`/stations/${page.param('name')}/scanner`}>{say(SCANNER, 'title')}</a>
          ) : null}
          <a href="/account">{say(STATION, 'account')}</a>
          <LanguageLinks language={language} here={placeOf(c.req.url)} />
        </nav>
      </details>
      {first?.testMode === true ? <p class="test-mode">{say(STATION, 'testMode')}</p> : null}
    </header>
  );
}
