import type { Event } from '../event.ts';
import { ENDS, FACTS, withExtra, type Life, type Return, type ReturnEnd, type Unit } from '../unit.ts';

/*
 * A unit that is returned to the factory begins another life. The facts of the unit belong to its current life. Work
 * orders, days and rolls count only the first life. Otherwise, figures and lists that people have signed would change
 * years later.
 */

/** Returns the unit's open return. */
export function openReturn({ extra }: Pick<Unit, 'extra'>): Return | undefined {
  const last = extra?.return;
  return last?.closed === undefined ? last : undefined;
}

/** Returns the `rma` member for the data of an event. The result is empty if the unit has no open return. */
export function ofReturn(unit: Pick<Unit, 'extra'>): { rma?: string } {
  const open = openReturn(unit);
  return open === undefined ? {} : { rma: open.rma };
}

/**
 * Returns the unit as it was at the end of its first life. Work orders, days and rolls count the unit in this state.
 */
export function inFirstLife(unit: Unit): Unit {
  const first = unit.extra?.lives?.[0];
  return first === undefined ? unit : asIn(unit, first);
}

/** Returns the number of the event that ended the first life. Returns undefined if the unit was never returned. */
export function firstLifeEnd({ extra }: Pick<Unit, 'extra'>): number | undefined {
  return extra?.lives === undefined ? undefined : (extra.lives[1]?.return ?? extra.return)?.seq;
}

function asIn({ alarm: _alarm, outcome: _outcome, station: _station, ...unit }: Unit, life: Life): Unit {
  const { return: _return, shipped, tests, roleLabels, ...state } = life;
  return withExtra({ ...unit, ...state }, { shipped, tests, roleLabels });
}

/** Returns all lives of the unit, oldest first. The last one is the current life. */
export function livesOf(unit: Unit): Life[] {
  const { lives = [], return: last } = unit.extra ?? {};
  return [...lives, { ...stateOf(unit), ...(last === undefined ? {} : { return: last }) }];
}

/** Lives are stored as text, so the order of their facts must always be the same. */
function stateOf({ facts, labels, alarm, outcome, station, extra }: Unit): Life {
  const all = [...FACTS, ...ENDS].flatMap((fact) => (facts[fact] === undefined ? [] : [[fact, facts[fact]]]));
  return {
    facts: Object.fromEntries(all),
    labels,
    ...(alarm === undefined ? {} : { alarm }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(station === undefined ? {} : { station }),
    ...(extra?.shipped === undefined ? {} : { shipped: extra.shipped }),
    ...(extra?.roleLabels === undefined ? {} : { roleLabels: extra.roleLabels }),
    ...(extra?.tests === undefined ? {} : { tests: extra.tests }),
  };
}

/**
 * Begins the next life of a unit. The device keeps its Claim ID, so the unit stays issued. All other facts must be
 * proven again. The label count is not reset, because the labels of a unit are numbered throughout all lives.
 */
export function returned(unit: Unit, { seq, at, data }: Event<'returned'>): Unit {
  const { alarm: _alarm, outcome: _outcome, ...kept } = unit;
  const { reserved, issued } = unit.facts;
  const facts = { ...(reserved === undefined ? {} : { reserved }), ...(issued === undefined ? {} : { issued }) };
  const { rma, reason, disposition } = data;
  return withExtra(
    { ...kept, facts },
    {
      armed: undefined,
      shipped: undefined,
      tests: undefined,
      stopped: undefined,
      return: { rma, reason, disposition, seq, at },
      lives: livesOf(unit),
    },
  );
}

/** Closes the unit's open return, if there is one. Voiding or scrapping a unit also closes the unit's return. */
export function withReturnClosed(unit: Unit, how: ReturnEnd, at: number): Unit {
  const open = openReturn(unit);
  return open === undefined ? unit : withExtra(unit, { return: { ...open, closed: { how, at } } });
}
