import { DEVICE, labelSetOf } from '../model/labels/label-set.ts';
import { labelsWithRole } from '../model/unit.ts';
import { roleWord } from './verdict-words.ts';
import { isEnded } from '../model/unit.ts';
import { CHANGE_OVER } from '../../words/console/change-over.ts';
import { STATION } from '../../words/console/station.ts';
import { elsewhereStep, nextStep, type Step } from './station-headline.ts';
import type { Nest } from './station-nests.ts';
import type { PageContext } from './pages.tsx';

/**
 * Returns the steps that are currently possible at a nest, including those that the headline does not ask for. Function
 * keys do the same as the buttons, because operators may wear gloves.
 */
export function stepsOf(page: PageContext, nest: Nest, isMulti: boolean): Step[] {
  const { say, who } = page;
  const { slot, armed, mode, printer } = nest.station;
  const prints = printer !== undefined && who.may.has('labels:print');
  // A gate only checks labels, so it has no steps.
  if (mode === 'gate') return [];
  const steps: (Step | false)[] = [
    armed !== undefined && { word: say(STATION, 'cancel'), key: 'Escape', fields: { do: 'cancel' } },
    mode === 'slot' && slot.state !== 'ready' && nextStep(say),
    ...(prints ? printSteps(page, nest, isMulti) : []),
    { word: say(STATION, 'exceptions'), key: 'F2', fields: { list: 'exceptions' } },
    { word: say(STATION, 'handOver'), fields: { list: 'hand-over' } },
    { word: say(CHANGE_OVER, 'title'), fields: { go: 'change-over' } },
    prints && { word: say(STATION, 'loaded'), fields: { list: 'loaded' } },
    prints && { word: say(STATION, 'testLabel'), key: 'F3', fields: { do: 'test-label' } },
    armed === undefined && { word: say(STATION, 'armLabel'), key: 'F6', fields: { intent: 'label' } },
    armed === undefined && { word: say(STATION, 'rework'), key: 'F7', fields: { intent: 'rework' } },
    slot.state === 'closed' && { word: say(STATION, 'same'), key: 'F9', fields: { do: 'same-device' } },
    prints && { word: say(STATION, 'roll'), key: 'F10', fields: { intent: 'roll' } },
  ];
  return steps.filter((step) => step !== false);
}

function printSteps({ say, who }: PageContext, { unit, isOwn, job, product }: Nest, isMulti: boolean): Step[] {
  if (unit === undefined || isEnded(unit) || (who.kiosk !== undefined && !isOwn)) return [];
  // The label is already being printed. A second print job would be refused.
  if (job?.state === 'queued' || job?.state === 'sending') return [];
  const { uci } = unit;
  const isStuck = job?.state === 'failed' || job?.state === 'unknown';
  const first = { word: say(STATION, 'print'), key: 'F4', fields: { do: 'print', uci } };
  const others = labelSetOf(product ?? {}).flatMap(({ role }): Step[] => {
    if (role === DEVICE) return [];
    const reason = labelsWithRole(unit, role) > 0 ? { reason: STATION.en.lost } : {};
    const word = say(STATION, 'reason' in reason ? 'printRoleAgain' : 'printRole', { role: roleWord(say, role) });
    return [{ word, fields: { do: 'print', uci, role, ...reason } }];
  });
  if (unit.labels === 0) return [first, ...others, ...(isStuck ? [elsewhereStep(say)] : [])];
  const reasons = isMulti ? (['lost'] as const) : (['torn', 'lost', 'unreadable'] as const);
  const again = reasons.map((reason) => ({
    word: say(STATION, 'reprint', { reason: say(STATION, reason) }),
    fields: { do: 'print', uci, reason: STATION.en[reason] },
  }));
  return [...again, ...others, ...(isStuck ? [elsewhereStep(say)] : [])];
}
