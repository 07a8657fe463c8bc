// Two people changed the same revision of a label template: adds the changes of one to the text of the other.
import { addBox, read, removeBox, setAll, setEach } from './label-source.js';

const isSame = (a, b) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = (value) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** Ways in which a box may be the same in two texts, the best one first. */
const ALIKE = [
  isSame,
  (a, b) => a.name !== undefined && a.name === b.name,
  (a, b) => a.name === b.name && a.type === b.type && a.text === b.text,
  (a, b) => a.name === undefined && b.name === undefined && a.type === b.type,
];

/** For each box of `before`, the position of the same box in `after`. */
function matched(before, after) {
  const found = new Map();
  const taken = new Set();
  for (const isAlike of ALIKE)
    for (const [index, box] of before.entries()) {
      if (found.has(index)) continue;
      const at = after.findIndex((other, place) => !taken.has(place) && isAlike(box, other));
      if (at < 0) continue;
      found.set(index, at);
      taken.add(at);
    }
  return found;
}

/** What `theirs` changed in a part, without what `mine` has already: the values to set, and all changes to show. */
function changesOf(base, theirs, mine, box) {
  const values = {};
  const changes = [];
  for (const property of new Set([...Object.keys(base), ...Object.keys(theirs)])) {
    const [was, is, own] = [base[property], theirs[property], mine[property]];
    if (isSame(was, is) || isSame(is, own)) continue;
    const isMine = !isSame(was, own);
    changes.push({ box, property, theirs: is, ...(isMine ? { mine: own } : {}), isMine });
    if (!isMine) values[property] = is;
  }
  return { values, changes };
}

/**
 * Adds to `mine` what `theirs` changed in `base`. Where both changed a value, mine stays. No box of either is lost.
 * Returns undefined if one of the texts is not a template.
 */
export function merge(base, theirs, mine) {
  const all = [base, theirs, mine].map(read);
  if (all.includes(undefined)) return undefined;
  const [was, is, own] = all.map(({ boxes }) => boxes.map(({ value }) => value));
  const [inTheirs, inMine] = [matched(was, is), matched(was, own)];
  const plan = { changes: [], sets: [], removed: [], added: [] };
  for (const [index, box] of was.entries())
    planBox({ box, theirs: is[inTheirs.get(index)], mine: own[inMine.get(index)], at: inMine.get(index) }, plan);
  const known = new Set(inTheirs.values());
  for (const [at, box] of is.entries())
    if (!known.has(at) && !own.some((one) => isSame(one, box))) {
      plan.added.push(box);
      plan.changes.push({ box, what: 'added' });
    }
  let text = setEach(mine, plan.sets);
  for (const part of ['media', 'root']) {
    const [a, b, c] = all.map((one) => withoutParts(one[part].value));
    const { values, changes } = changesOf(a, b, c);
    text = setAll(text, read(text)[part], values);
    plan.changes.push(...changes);
  }
  text = plan.removed.toSorted((a, b) => b - a).reduce(removeBox, text);
  return { text: plan.added.reduce(addBox, text), changes: plan.changes };
}

/** The media and the boxes are parts of their own. */
const withoutParts = ({ media: _media, boxes: _boxes, ...rest }) => rest;

function planBox({ box, theirs, mine, at }, plan) {
  if (theirs === undefined) {
    if (mine === undefined) return;
    const isChanged = !isSame(box, mine);
    if (!isChanged) plan.removed.push(at);
    plan.changes.push({ box, what: isChanged ? 'kept' : 'gone' });
  } else if (mine === undefined) {
    if (isSame(box, theirs)) return;
    plan.added.push(theirs);
    plan.changes.push({ box: theirs, what: 'added' });
  } else {
    const { values, changes } = changesOf(box, theirs, mine, mine);
    if (Object.keys(values).length > 0) plan.sets.push([at, values]);
    plan.changes.push(...changes);
  }
}
