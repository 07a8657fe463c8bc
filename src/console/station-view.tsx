import type { Answer } from '../http/client.ts';
import type { Trouble } from '../contract/printing.ts';
import type { Product } from '../model/product.ts';
import type { Refusal } from '../http/refusals.ts';
import type { Station } from '../model/station.ts';
import { mask } from '../model/claim-id.ts';
import { isEnded, type Unit } from '../model/unit.ts';
import { worksThere } from '../http/reveal.ts';
import type { WorkOrder } from '../model/work-order.ts';
import { STATION } from '../../words/console/station.ts';
import { Why, type PageContext } from './pages.tsx';
import type { Say } from '../http/words.ts';

/** The data that the screen of a station shows. */
export interface Nest {
  station: Station;
  unit?: Unit;
  /** False if the station is armed with a unit of another station. */
  isOwn: boolean;
  product?: Product;
  workOrder?: WorkOrder;
  /** The problem of the station's printer. `trouble` is absent if the printer has no problem. */
  trouble?: Trouble;
  refusals: Refusal[];
  /** The problems that need attention at this station: wrong Claim IDs, identities at two sources, rates. */
  alarms: Refusal[];
  /** True if this service answers registrations in place of the cloud. */
  testMode: boolean;
}

/** Agents ask every two seconds. If a refusal does not occur again within this time (ms), its cause is gone. */
const RECENT_MS = 60_000;

export function NestView({ page, nest, now }: { page: PageContext; nest: Nest; now: number }) {
  const { say } = page;
  const { station, unit } = nest;
  const isRecent = ({ lastAt }: Refusal): boolean => now - lastAt < RECENT_MS;
  return (
    <>
      {nest.testMode ? <p class="test-mode">{say(STATION, 'testMode')}</p> : null}
      <p class={`todo ${stateOf(station)}`}>{say(STATION, todoOf(station))}</p>
      <div class="nest">
        {unit === undefined ? (
          <p class="soft empty">{say(STATION, 'noUnit')}</p>
        ) : (
          <UnitView page={page} nest={nest} unit={unit} />
        )}
        <div class="beside">
          <WorkOrderView page={page} workOrder={nest.workOrder} />
          <p>
            {say(STATION, 'printer')}: {station.printer ?? say(STATION, 'noPrinter')}
            {station.printer === undefined ? null : (
              <span class={nest.trouble === undefined ? 'soft' : 'bad'}>
                {' '}
                – {nest.trouble?.detail ?? say(STATION, 'printerFine')}
              </span>
            )}
          </p>
          {page.who.kiosk === undefined ? null : (
            <p>
              {say(STATION, 'operator')}: <strong>{page.who.operator ?? say(STATION, 'noBadge')}</strong>
            </p>
          )}
          <Refusals page={page} head="alarms" refusals={nest.alarms.filter(isRecent)} />
          <Refusals page={page} head="refused" refusals={nest.refusals.filter(isRecent)} />
        </div>
      </div>
      {page.who.may.has('stations:operate') ? <Buttons page={page} nest={nest} /> : null}
    </>
  );
}

function UnitView({ page: { say, who }, nest, unit }: { page: PageContext; nest: Nest; unit: Unit }) {
  // A person who does not work at stations sees the masked Claim ID, as in the lists. The label and its address would
  // show the complete Claim ID. A kiosk sees the complete Claim IDs of the units of its station.
  const isShown = worksThere(who) && (who.kiosk === undefined || nest.isOwn);
  return (
    <div class="unit">
      <dl>
        <dt>{say(STATION, 'product')}</dt>
        <dd>{nest.product?.name ?? unit.product}</dd>
        <dt>{say(STATION, 'claimId')}</dt>
        <dd class="uci">{isShown ? grouped(unit.uci) : mask(unit.uci)}</dd>
        <dt>{say(STATION, 'serial')}</dt>
        <dd>{unit.serial ?? '–'}</dd>
      </dl>
      {isEnded(unit) || !isShown ? null : <img src={`/v1/units/${unit.uci}/label.svg`} alt={say(STATION, 'label')} />}
    </div>
  );
}

function WorkOrderView({ page: { say }, workOrder }: { page: PageContext; workOrder: WorkOrder | undefined }) {
  if (workOrder === undefined) return null;
  const { id, units, planned } = workOrder;
  return (
    <p>
      <label>
        {say(STATION, 'workOrder')} {id}: {say(STATION, 'progress', { units, planned })}
        <progress max={planned} value={Math.min(units, planned)}></progress>
      </label>
    </p>
  );
}

function Refusals({ page, head, refusals }: { page: PageContext; head: 'alarms' | 'refused'; refusals: Refusal[] }) {
  if (refusals.length === 0) return null;
  return (
    <section class="refusals" role="status">
      <h2>{page.say(STATION, head)}</h2>
      <RefusalList page={page} refusals={refusals} />
    </section>
  );
}

export function RefusalList({ page, refusals }: { page: PageContext; refusals: Refusal[] }) {
  const { say, language } = page;
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  return (
    <ul>
      {refusals.map(({ alarm, detail, words, count, lastAt, lastSource }) => (
        <li>
          <strong>
            {alarm === undefined ? (
              <Why page={page} error={{ message: detail, words }} />
            ) : (
              alarmSaid(say, alarm, detail)
            )}
          </strong>{' '}
          {say(STATION, 'times', { count, time: clock.format(lastAt), source: lastSource })}
        </li>
      ))}
    </ul>
  );
}

/** Returns the text of an alarm in the page's language. After `other-product` come a colon and the product's name. */
export function alarmSaid(say: Say, alarm: string, detail = alarm): string {
  const [code = '', product = ''] = alarm.split(':');
  const key = `alarm.${code}`;
  return isWord(key) ? say(STATION, key, { product }) : detail;
}

function isWord(key: string): key is keyof typeof STATION.en {
  return Object.hasOwn(STATION.en, key);
}

/** The buttons of the screen. Function keys do the same as the buttons, because operators may wear gloves. */
function Buttons({ page: { say, who }, nest: { station, unit, isOwn } }: { page: PageContext; nest: Nest }) {
  const { slot, armed } = station;
  const printable =
    unit !== undefined &&
    !isEnded(unit) &&
    (who.kiosk === undefined || isOwn) &&
    station.printer !== undefined &&
    who.may.has('labels:print');
  return (
    <div class="keys">
      {armed === undefined ? (
        <>
          <button data-intent="label" data-key="F6">
            {say(STATION, 'armLabel')} <kbd>F6</kbd>
          </button>
          <button data-intent="rework" data-key="F7">
            {say(STATION, 'rework')} <kbd>F7</kbd>
          </button>
        </>
      ) : (
        <button data-do="cancel" data-key="Escape">
          {say(STATION, 'cancel')} <kbd>Esc</kbd>
        </button>
      )}
      {station.mode === 'slot' && slot.state !== 'ready' ? (
        <button data-do="next" data-key="F8">
          {say(STATION, 'next')} <kbd>F8</kbd>
        </button>
      ) : null}
      {slot.state === 'closed' ? (
        <button data-do="same-device" data-key="F9">
          {say(STATION, 'same')} <kbd>F9</kbd>
        </button>
      ) : null}
      {printable && unit.labels === 0 ? (
        <button data-do="print" data-uci={unit.uci} data-key="F4">
          {say(STATION, 'print')} <kbd>F4</kbd>
        </button>
      ) : null}
      {printable && unit.labels > 0 ? (
        <fieldset>
          <legend>{say(STATION, 'reprint')}</legend>
          {(['torn', 'lost', 'unreadable'] as const).map((reason) => (
            <button data-do="print" data-uci={unit.uci} data-reason={STATION.en[reason]}>
              {say(STATION, reason)}
            </button>
          ))}
        </fieldset>
      ) : null}
      {station.printer !== undefined && who.may.has('labels:print') ? (
        <>
          <button class="minor" data-do="test-label" data-key="F3">
            {say(STATION, 'testLabel')} <kbd>F3</kbd>
          </button>
          <button class="minor" data-intent="roll" data-key="F10">
            {say(STATION, 'roll')} <kbd>F10</kbd>
          </button>
        </>
      ) : null}
      <button class="minor" data-list="" data-key="F2">
        {say(STATION, 'exceptions')} <kbd>F2</kbd>
      </button>
    </div>
  );
}

export function todoOf({ armed, slot, mode }: Station): 'armed' | 'scanBoth' | 'ready' | 'scanLabel' | 'closed' {
  if (armed !== undefined) return 'armed';
  if (mode === 'open') return 'scanBoth';
  if (slot.state === 'open') return 'scanLabel';
  return slot.state === 'closed' ? 'closed' : 'ready';
}

function stateOf({ armed, slot }: Station): string {
  return armed === undefined ? slot.state : 'armed';
}

/** Returns the result of a test label as text. */
export function testSaid(say: Say, { state, reason }: Answer<'POST /v1/printers/{name}/test'>): string {
  const said = say(STATION, `test.${state}`);
  return reason === undefined ? said : `${said}: ${reason}`;
}

/** Shows the Claim ID in groups of five letters from the left, because people read a Claim ID aloud in groups. */
export function grouped(uci: string): string {
  return uci.startsWith('*') ? uci : (uci.match(/.{1,5}/g) ?? []).join(' ');
}
