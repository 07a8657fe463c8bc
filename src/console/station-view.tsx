import type { Child } from 'hono/jsx';
import type { Answer } from '../http/client.ts';
import { worksThere } from '../http/reveal.ts';
import type { Say as Words } from '../http/words.ts';
import { mask } from '../model/claim-id.ts';
import { isEnded, type Unit } from '../model/unit.ts';
import { STATION } from '../../words/console/station.ts';
import { GateView } from './station-gate.tsx';
import { headlineOf, type Headline, type Step } from './station-headline.ts';
import { stepsOf } from './station-steps.ts';
import { Icon, Shape } from './station-icons.tsx';
import { Orders } from './station-orders.tsx';
import { notesOf } from './station-notes.ts';
import type { Nest } from './station-nests.ts';
import { grouped } from './station-words.ts';
import type { PageContext } from './pages.tsx';

export interface View {
  page: PageContext;
  /** The station of the page, followed by the other stations on its screen. */
  nests: Nest[];
  now: number;
  /** The function keys act on the nest of this station. On a screen with one nest, no station is selected. */
  selected?: string | undefined;
}

/*
 * The parts of a station's screen that change. After each change, assets/station.js fetches these parts and replaces
 * only those that differ. So the scan field keeps its focus.
 */

export function LiveParts(view: View) {
  return (
    <>
      <Orders {...view} />
      <Who {...view} />
      <Say {...view} />
      <Nests {...view} />
      <Notes {...view} />
      <Acts {...view} />
    </>
  );
}

export function Who({ page: { who, say } }: View) {
  const operator = who.kiosk === undefined ? who.actor.replace(/^\w+:/, '') : (who.operator ?? say(STATION, 'noBadge'));
  return (
    <span id="who">
      <span class="sr">{say(STATION, 'operator')}: </span>
      {operator}
    </span>
  );
}

export function Say({ page, nests, now }: View) {
  const headlines = nests.map((nest) => headlineFor(page, nest, now));
  const first = mostUrgent(headlines);
  return (
    <div id="say" role="status">
      <HeadlineView page={page} headline={headlines[first]} nest={nests.length > 1 ? first + 1 : undefined} />
    </div>
  );
}

export function Nests({ page, nests, now, selected }: View) {
  return (
    <div id="nest">
      {nests.length > 1 ? (
        <div class={`nests of-${nests.length}`}>
          {nests.map((nest, index) => (
            <Card
              page={page}
              nest={nest}
              headline={headlineFor(page, nest, now)}
              number={index + 1}
              isSelected={nest.station.name === selected}
            />
          ))}
        </div>
      ) : (
        <Single page={page} nest={nests[0]} />
      )}
    </div>
  );
}

function headlineFor({ say, language, who }: PageContext, nest: Nest, now: number): Headline {
  return headlineOf(nest, { say, language, now, prints: who.may.has('labels:print') });
}

/** With several nests, the screen shows the headline of the nest that needs the operator most urgently. */
const URGENCY = ['stop', 'wait', 'pass', 'do', 'ready'];

function mostUrgent(headlines: Headline[]): number {
  const order = headlines.map(({ tone }) => URGENCY.indexOf(tone));
  return order.indexOf(Math.min(...order));
}

/* The headline */

const SHAPES = { wait: 'warn', stop: 'stop', pass: 'good' } as const;

export function Sign({ tone }: Pick<Headline, 'tone'>) {
  if (tone === 'do') return <Icon name="scan" />;
  if (tone === 'ready') return <Icon name="power" />;
  return <Shape name={SHAPES[tone]} />;
}

interface HeadlineProps {
  page: PageContext;
  headline: Headline | undefined;
  nest: number | undefined;
}

function HeadlineView({ page: { say }, headline, nest }: HeadlineProps) {
  if (headline === undefined) return null;
  const { tone, head, line } = headline;
  return (
    <section class={`say say-${tone}`}>
      <Sign tone={tone} />
      <div>
        <h2>{nest === undefined ? head : say(STATION, 'ofNest', { nest, said: head })}</h2>
        {line === undefined ? null : <p>{line}</p>}
      </div>
    </section>
  );
}

/* The nest */

function Single({ page, nest }: { page: PageContext; nest: Nest | undefined }) {
  if (nest === undefined) return null;
  const { unit, open, gate } = nest;
  if (gate !== undefined) return <GateView page={page} gate={gate} />;
  return (
    <section class="nest" aria-label={page.say(STATION, 'inNest')}>
      {unit === undefined ? (
        <p class="soft">{page.say(STATION, 'noUnit')}</p>
      ) : (
        <UnitView page={page} nest={nest} unit={unit} />
      )}
      {open.length > 1 ? <OpenUnits page={page} open={open} /> : null}
    </section>
  );
}

/**
 * The open units of a station in open mode, newest first. The Claim IDs of these units are masked, because the S/Ns
 * are enough to tell the units apart.
 */
function OpenUnits({ page, open }: { page: PageContext; open: Unit[] }) {
  return (
    <div class="open-units">
      <p>{page.say(STATION, 'openUnits', { count: open.length })}</p>
      <ul>
        {open.map(({ uci, serial }) => (
          <li class="code">{serial ?? mask(uci)}</li>
        ))}
      </ul>
    </div>
  );
}

/**
 * Returns true if the viewer may see the complete Claim ID, which the label and its address would reveal. A kiosk may
 * see complete Claim IDs for units of its own stations. As in lists, people who do not work at stations see only the
 * masked Claim ID.
 */
function isShown({ who }: PageContext, { isOwn }: Nest): boolean {
  return worksThere(who) && (who.kiosk === undefined || isOwn);
}

/**
 * Returns true if the label is shown. A kiosk may see a unit's label only after a device at the kiosk's station got the
 * unit.
 */
function hasPreview(page: PageContext, nest: Nest, unit: Unit): boolean {
  const mayLoad = page.who.kiosk === undefined || unit.station === nest.station.name;
  return isShown(page, nest) && mayLoad && !isEnded(unit) && nest.labelProblem === undefined;
}

function UnitView({ page, nest, unit }: { page: PageContext; nest: Nest; unit: Unit }) {
  const { say } = page;
  const { issued } = unit.facts;
  return (
    <>
      <dl>
        <div>
          <dt>
            {issued === undefined ? say(STATION, 'product') : say(STATION, 'nestSince', { time: clock(page, issued) })}
          </dt>
          <dd>{nest.product?.name ?? unit.product}</dd>
        </div>
        <div>
          <dt class="sr">{say(STATION, 'claimId')}</dt>
          <dd>
            <span class="cid">{isShown(page, nest) ? grouped(unit.uci) : mask(unit.uci)}</span>
          </dd>
        </div>
        <div>
          <dt>{say(STATION, 'serial')}</dt>
          <dd>
            <span class="code">{unit.serial ?? '–'}</span>
          </dd>
        </div>
      </dl>
      {hasPreview(page, nest, unit) ? (
        <div class="liner">
          <img src={`/v1/units/${unit.uci}/label.svg`} alt={say(STATION, 'label')} />
        </div>
      ) : null}
    </>
  );
}

export function clock({ language }: PageContext, time: number): string {
  return new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(time);
}

interface CardProps {
  page: PageContext;
  nest: Nest;
  headline: Headline | undefined;
  number: number;
  isSelected: boolean;
}

function Card({ page, nest, headline, number, isSelected }: CardProps) {
  const { say } = page;
  const { unit, product, station } = nest;
  const tone = headline?.tone ?? 'ready';
  return (
    <section
      class={`nest-card is-${tone}${isSelected ? ' is-selected' : ''}`}
      aria-label={say(STATION, 'nestNumber', { nest: number })}
      data-station={station.name}
    >
      <header>
        <h3>
          <small>{say(STATION, 'nest')}</small> {number}
        </h3>
        <p class="state">
          <Sign tone={tone} />
          {say(STATION, `state.${tone}`)}
        </p>
      </header>
      <div class="body">
        <p class="todo-far">{tone === 'pass' ? say(STATION, 'takeDeviceOut') : headline?.head}</p>
        <p>
          <span class="code">{unit === undefined ? station.name : (unit.serial ?? mask(unit.uci))}</span>
          <span class="soft">
            {[product?.name ?? unit?.product, unit === undefined ? undefined : station.name].filter(Boolean).join(', ')}
          </span>
          {unit?.facts.issued === undefined || tone === 'wait' || tone === 'stop' ? null : (
            <span class="soft">{say(STATION, 'nestSince', { time: clock(page, unit.facts.issued) })}</span>
          )}
        </p>
      </div>
    </section>
  );
}

/*
 * Messages that do not concern the unit. A line is always reserved for these messages, so that nothing else moves when
 * a message appears.
 */

export function Notes({ page, nests, now }: View) {
  const lines = nests.map((nest) => headlineFor(page, nest, now).line);
  // Leaves out a note that a headline already shows.
  const [first, ...more] = notesOf(page, nests, now).filter(({ why }) => why === undefined || !lines.includes(why));
  return (
    <div id="note" class="beside">
      {first === undefined ? null : (
        <p class={first.tone === 'stop' ? 'bad' : ''}>
          <Shape name={first.tone} />
          <span class="clip">{first.said}</span>
          {more.length > 0 ? <b>{page.say(STATION, 'moreNotes', { count: more.length })}</b> : null}
        </p>
      )}
    </div>
  );
}

/* Buttons */

export function Acts({ page, nests, now, selected }: View) {
  const { say } = page;
  const isMulti = nests.length > 1;
  const [primary, ...others] = stepsAt(page, nests, now, selected);
  const keysAt = nests.findIndex(({ station }) => station.name === selected) + 1;
  const isAsked = primary?.isAsked === true;
  const rest = isAsked ? others : [...(primary === undefined ? [] : [primary]), ...others];
  const cancel = rest.find(({ fields }) => fields['do'] === 'cancel');
  return (
    <div id="acts" class={isMulti ? 'acts is-multi' : 'acts'}>
      {isAsked ? (
        <Button step={primary} kind="btn btn-primary btn-far">
          <Icon name={ICONS[primary.fields['do'] ?? ''] ?? 'next'} />
        </Button>
      ) : null}
      {cancel === undefined ? null : <Button step={cancel} kind="btn btn-quiet later" />}
      {rest.length === 0 ? null : (
        <details class="more" name="station-menu">
          <summary class="btn">
            <Icon name="more" />
            {say(STATION, 'moreSteps')}
          </summary>
          <ul>
            {rest
              .filter((step) => step !== cancel)
              .map((step) => (
                <li>
                  <Button step={step} kind="item" />
                </li>
              ))}
          </ul>
        </details>
      )}
      {isMulti && rest.length > 0 ? (
        <p class="keys">{keysAt > 0 ? say(STATION, 'keysAt', { nest: keysAt }) : say(STATION, 'chooseNest')}</p>
      ) : null}
    </div>
  );
}

interface NestStep extends Step {
  /** True if a headline asks for this step. */
  isAsked: boolean;
}

/**
 * The steps at all nests. The step of the most urgent headline comes first, and each step is listed once. On a screen
 * with several nests, only the steps of the selected nest have function keys. Otherwise, another nest could become the
 * most urgent one just before the operator presses a key.
 */
function stepsAt(page: PageContext, nests: Nest[], now: number, selected: string | undefined): NestStep[] {
  if (!page.who.may.has('stations:operate')) return [];
  const isMulti = nests.length > 1;
  const named = ({ key, ...step }: Step, nest: Nest, index: number, isAsked: boolean): NestStep => {
    // The hand-over covers all stations on the screen.
    if (isMulti && step.fields['list'] === 'hand-over') return { ...step, isAsked };
    const { name } = nest.station;
    return {
      ...step,
      isAsked,
      word: isMulti ? page.say(STATION, 'ofNest', { nest: index + 1, said: step.word }) : step.word,
      fields: { ...step.fields, station: name },
      ...(key === undefined || (isMulti && name !== selected) ? {} : { key }),
    };
  };
  const asked = nests
    .map((nest, index) => ({ nest, index, headline: headlineFor(page, nest, now) }))
    .toSorted((a, b) => URGENCY.indexOf(a.headline.tone) - URGENCY.indexOf(b.headline.tone))
    .flatMap(({ nest, index, headline: { step } }) => (step === undefined ? [] : [named(step, nest, index, true)]));
  const all = nests.flatMap((nest, index) =>
    stepsOf(page, nest, isMulti).map((step) => named(step, nest, index, false)),
  );
  return onceEach([...asked, ...all]);
}

function onceEach(steps: NestStep[]): NestStep[] {
  const seen = new Set<string>();
  const keys = new Set<string>();
  return steps.flatMap(({ key, ...step }) => {
    const stamp = JSON.stringify(
      ['station', 'do', 'intent', 'list', 'go', 'reason', 'role'].map((name) => step.fields[name]),
    );
    if (seen.has(stamp)) return [];
    seen.add(stamp);
    // If several steps have the same function key, the key belongs to the first of them.
    if (key === undefined || keys.has(key)) return [step];
    keys.add(key);
    return [{ ...step, key }];
  });
}

const ICONS: { [what: string]: 'print' | 'next' | 'cancel' } = { print: 'print', next: 'next', cancel: 'cancel' };

export function Button({ step, kind, children }: { step: Step; kind: string; children?: Child }) {
  const { word, key, fields } = step;
  const data = Object.fromEntries(Object.entries(fields).map(([name, value]) => [`data-${name}`, value]));
  return (
    <button class={kind} type="button" {...data} {...(key === undefined ? {} : { 'data-key': key })}>
      {children}
      {word} {key === undefined ? null : <kbd>{key === 'Escape' ? 'Esc' : key}</kbd>}
    </button>
  );
}

/** Returns the result of a test label as text. */
export function testSaid(say: Words, { state, mayHaveLeft }: Answer<'POST /v1/printers/{name}/test'>): string {
  return say(STATION, state === 'failed' && mayHaveLeft === false ? 'test.notReached' : `test.${state}`);
}
