import { labelsWithRole } from '../model/unit.ts';
import type { Refusal } from '../http/refusals.ts';
import { saidIn } from '../http/problems.ts';
import type { Say } from '../http/words.ts';
import type { Language } from '../../words/sentence.ts';
import { GATE } from '../../words/console/gate.ts';
import { STATION } from '../../words/console/station.ts';
import { isEnded } from '../model/unit.ts';
import { isFull } from '../model/work-order.ts';
import { own } from '../platform/own.ts';
import type { Gate, Nest } from './station-nests.ts';
import { alarmSaid, plain } from './station-words.ts';

/*
 * The headline of a station's screen: one sentence that tells the operator what to do now. The rules are checked in
 * order, and the first one that applies decides. So the headline never contradicts the state.
 */

/** `ready` and `do` ask for a step, `wait` says what the station waits for, `stop` means that something is wrong. */
export type Tone = 'ready' | 'do' | 'wait' | 'stop' | 'pass';

/** A step with a button for the operator. When the button is pressed, assets/station.js sends `fields`. */
export interface Step {
  word: string;
  key?: string;
  fields: { [name: string]: string };
}

export interface Headline {
  tone: Tone;
  head: string;
  line?: string;
  /**
   * The one large button. The button is absent if the headline asks for a scan, or for something that the screen cannot
   * do.
   */
  step?: Step;
}

interface Place {
  say: Say;
  language: Language;
  now: number;
  /** True if the caller may print labels. */
  prints: boolean;
}

/**
 * How long, in ms, the screen shows a refusal after the agent's last request. A refused agent asks again every two
 * seconds.
 */
const STANDS_MS = 10_000;

export function headlineOf(nest: Nest, place: Place): Headline {
  const { say } = place;
  if (nest.gate !== undefined) return standing(nest, place) ?? gateHeadline(nest.gate, say);
  const { slot, armed, mode } = nest.station;
  if (armed !== undefined) return drawable(nest, place) ?? standing(nest, place) ?? armedHeadline(place);
  if (slot.state !== 'ready') {
    if (nest.unit !== undefined && isEnded(nest.unit))
      return {
        tone: 'stop',
        head: say(STATION, nest.unit.facts.void === undefined ? 'nestScrapped' : 'nestVoid'),
        line: say(STATION, 'nestEndedLine'),
        step: nextStep(say),
      };
    if (slot.state === 'closed') return { tone: 'pass', head: say(STATION, 'closed'), step: nextStep(say) };
    return standing(nest, place) ?? drawable(nest, place) ?? labelHeadline(nest, place) ?? scanHeadline(place);
  }
  const blocked = orderHeadline(nest, place) ?? standing(nest, place);
  if (blocked !== undefined) return blocked;
  if (mode === 'open') {
    const isOpen = nest.unit !== undefined && nest.unit.facts.verified === undefined && !isEnded(nest.unit);
    return (isOpen ? labelHeadline(nest, place) : undefined) ?? { tone: 'ready', head: say(STATION, 'scanBoth') };
  }
  return { tone: 'ready', head: say(STATION, 'ready') };
}

/** A gate's headline says whether a scan can ship anything now. */
function gateHeadline({ list }: Gate, say: Say): Headline {
  if (list === undefined) return { tone: 'stop', head: say(GATE, 'noListHead'), line: say(GATE, 'noListLine') };
  if (list.closed)
    return { tone: 'stop', head: say(GATE, 'closedHead', { list: list.id }), line: say(GATE, 'fullLine') };
  if (list.units >= list.target)
    return { tone: 'wait', head: say(GATE, 'fullHead', { list: list.id }), line: say(GATE, 'fullLine') };
  return { tone: 'do', head: say(GATE, 'scan') };
}

export function nextStep(say: Say): Step {
  return { word: say(STATION, 'next'), key: 'F8', fields: { do: 'next' } };
}

function armedHeadline({ say }: Place): Headline {
  return { tone: 'do', head: say(STATION, 'armed'), line: say(STATION, 'armedLine') };
}

function scanHeadline({ say }: Place): Headline {
  return { tone: 'do', head: say(STATION, 'scanLabel') };
}

/** Refusals that apply only while the slot is in the given state. */
const OF_STATE: { [code: string]: 'open' | 'armed' | 'closed' } = {
  'slot-held': 'open',
  'other-device': 'open',
  'slot-closed': 'closed',
  'armed-mismatch': 'armed',
};

/**
 * Says why the last device was refused, as long as that device keeps asking. After a PASS, a device normally repeats
 * its request, so its refusals are not shown.
 */
function standing({ station, refusals, unit }: Nest, { say, language, now }: Place): Headline | undefined {
  const state = station.armed === undefined ? station.slot.state : 'armed';
  const last = refusals
    .filter(({ code, lastAt }) => (own(OF_STATE, code) ?? state) === state && now - lastAt < STANDS_MS)
    // A refusal that is older than this unit was about the previous unit.
    .filter(({ lastAt }) => state !== 'open' || lastAt >= (unit?.facts.issued ?? 0))
    .toSorted((a, b) => b.lastAt - a.lastAt)[0];
  if (last === undefined) return undefined;
  const step = stepAfter(last.code, station.armed !== undefined, say);
  return {
    tone: 'stop',
    head: say(STATION, own(HEADS, last.code) ?? 'deviceRefused'),
    line: reasonOf(last, say, language),
    ...(step === undefined ? {} : { step }),
  };
}

const HEADS: { [code: string]: 'twoDevices' | 'otherDevice' } = {
  'slot-held': 'twoDevices',
  'other-device': 'otherDevice',
};

function stepAfter(code: string, isArmed: boolean, say: Say): Step | undefined {
  if (isArmed) return { word: say(STATION, 'cancel'), key: 'Escape', fields: { do: 'cancel' } };
  return code === 'other-device' ? nextStep(say) : undefined;
}

/** Returns the reason for a refusal, in the operator's language and without command lines. */
export function reasonOf({ alarm, detail, words, code }: Refusal, say: Say, language: Language): string {
  if (alarm !== undefined) return alarmSaid(say, alarm, detail);
  return plain(say, code, saidIn({ message: detail, words }, language).detail);
}

/** Says that the unit's label cannot be drawn, so the device must not get this unit. */
function drawable({ labelProblem, station }: Nest, { say }: Place): Headline | undefined {
  if (labelProblem === undefined) return undefined;
  const step: Step =
    station.armed === undefined
      ? nextStep(say)
      : { word: say(STATION, 'cancel'), key: 'Escape', fields: { do: 'cancel' } };
  return { tone: 'stop', head: say(STATION, 'noDrawing'), line: labelProblem, step };
}

/** Says that every new device will be refused, because no work order of the station accepts more units. */
function orderHeadline({ station, orders }: Nest, { say }: Place): Headline | undefined {
  const blocked = orders.filter(
    (order) =>
      order.closed !== undefined || order.closing !== undefined || (isFull(order) && order.overIssue === 'refuse'),
  );
  const [first] = blocked;
  const product = station.product ?? orders[0]?.product;
  if (first === undefined || (blocked.length < orders.length && !blocked.some((order) => order.product === product)))
    return undefined;
  const named = blocked.find((order) => order.product === product) ?? first;
  return {
    tone: 'wait',
    head: say(STATION, named.closed ? 'orderClosed' : named.closing ? 'orderClosing' : 'orderFull', {
      workOrder: named.id,
    }),
    line: say(STATION, 'orderLine'),
  };
}

/** The step that opens the list of other printers. */
export function elsewhereStep(say: Say): Step {
  return { word: say(STATION, 'elsewhere'), fields: { list: 'printers' } };
}

/** Returns a label size in the way people write it. */
export function shownSize(size: string): string {
  return `${size.replace('x', ' × ')} mm`;
}

/** Says what the unit's label is waiting for. */
function labelHeadline(
  { unit, station, jobTrouble, job, product, media }: Nest,
  { say, prints }: Place,
): Headline | undefined {
  if (unit === undefined || station.printer === undefined) return undefined;
  const { printer } = station;
  if (media !== undefined) {
    const sizes = { printer, loaded: shownSize(media.loaded), needed: shownSize(media.needed) };
    const fields = { do: 'loaded', size: media.needed };
    return {
      tone: 'wait',
      head: say(STATION, 'otherLabels', sizes),
      line: say(STATION, 'otherLabelsLine', sizes),
      ...(prints ? { step: { word: say(STATION, 'labelsLoaded', { size: sizes.needed }), key: 'F4', fields } } : {}),
    };
  }
  if (job?.state === 'queued' || job?.state === 'sending') {
    if (jobTrouble === undefined) return { tone: 'wait', head: say(STATION, 'labelPrints', { printer: job.printer }) };
    return {
      tone: 'wait',
      head: say(STATION, `waits.${jobTrouble.what}`, { printer: job.printer }),
      line: say(STATION, `waits.${jobTrouble.what}.line`, { printer: job.printer }),
      // While bytes are being sent, no one knows whether the label will print.
      ...(prints && job.state === 'queued' ? { step: elsewhereStep(say) } : {}),
    };
  }
  const stuck = job?.state === 'failed' || job?.state === 'unknown' ? job : undefined;
  const print = (reason?: string): Step => ({
    word: say(STATION, reason === undefined ? 'print' : 'printAgain'),
    key: 'F4',
    fields: {
      do: 'print',
      uci: unit.uci,
      ...(reason === undefined ? {} : { reason }),
      ...(stuck?.role === undefined ? {} : { role: stuck.role }),
    },
  });
  const withStep = (step: Step) => (prints ? { step } : {});
  if (stuck !== undefined) {
    const reason = labelsWithRole(unit, stuck.role) > 0 ? STATION.en.lost : undefined;
    return {
      tone: 'wait',
      head: say(STATION, stuck.state === 'failed' ? 'labelFailed' : 'labelUnknown', { printer: stuck.printer }),
      line: say(STATION, stuck.state === 'failed' ? 'labelFailedLine' : 'labelUnknownLine', { printer: stuck.printer }),
      ...withStep(print(reason)),
    };
  }
  const needsLabel = unit.labels === 0 && unit.reservation === undefined && product?.claiming !== 'pre';
  return needsLabel ? { tone: 'do', head: say(STATION, 'printLabel'), ...withStep(print()) } : undefined;
}
