// The text of a label template (JSON5), with the position of each value in it. A change replaces only the characters of
// the changed value, so comments, order and layout of the text stay as people wrote them.

const SPACE = /[\s\ufeff]/;
const NAME = /[\p{L}\p{Nl}$_\u200c\u200d\p{Mn}\p{Mc}\p{Nd}\p{Pc}]/u;
const ESCAPES = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', 0: '\0' };

/** Returns the position after white space and comments. */
export function skip(text, from) {
  let at = from;
  while (at < text.length) {
    if (SPACE.test(text[at])) at++;
    else if (text.startsWith('//', at)) at = endOr(text, text.slice(at).search(/[\n\r\u2028\u2029]/), at);
    else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) throw new SyntaxError('comment');
      at = end + 2;
    } else break;
  }
  return at;
}

function endOr(text, found, at) {
  return found < 0 ? text.length : at + found;
}

function readString(text, start) {
  const quote = text[start];
  let value = '';
  let at = start + 1;
  for (; text[at] !== quote; at++) {
    if (at >= text.length || text[at] === '\n') throw new SyntaxError('string');
    if (text[at] !== '\\') {
      value += text[at];
      continue;
    }
    at++;
    const letter = text[at];
    if (letter === 'x' || letter === 'u') {
      const size = letter === 'x' ? 2 : 4;
      value += String.fromCharCode(parseInt(text.slice(at + 1, at + 1 + size), 16));
      at += size;
    } else if (letter === '\r') at += text[at + 1] === '\n' ? 1 : 0;
    else if (!/[\n\u2028\u2029]/.test(letter)) value += ESCAPES[letter] ?? letter;
  }
  return { start, end: at + 1, value };
}

function readWord(text, start) {
  let end = start;
  while (end < text.length && (NAME.test(text[end]) || '+-.'.includes(text[end]))) end++;
  const word = text.slice(start, end);
  const known = { true: true, false: false, null: null };
  const value = word in known ? known[word] : Number(word.replace(/^\+/, '').replace(/^-0x/i, '0x'));
  if (word === '' || (Number.isNaN(value) && !word.endsWith('NaN'))) throw new SyntaxError(word || text[start]);
  return { start, end, value: /^-0x/i.test(word) ? -value : value };
}

function readList(text, start) {
  const node = { start, kind: text[start] === '{' ? 'object' : 'array', items: [] };
  const close = node.kind === 'object' ? '}' : ']';
  let at = skip(text, start + 1);
  while (text[at] !== close) {
    const item = { start: at };
    if (node.kind === 'object') {
      const key = /["']/.test(text[at] ?? '') ? readString(text, at) : readKey(text, at);
      item.key = key.value;
      at = skip(text, key.end);
      if (text[at] !== ':') throw new SyntaxError(':');
      at = skip(text, at + 1);
    }
    item.node = readValue(text, at);
    item.end = item.node.end;
    node.items.push(item);
    at = skip(text, item.end);
    if (text[at] === ',') at = skip(text, at + 1);
    else if (text[at] !== close) throw new SyntaxError(',');
  }
  node.end = at + 1;
  node.value =
    node.kind === 'object'
      ? Object.fromEntries(node.items.map(({ key, node: one }) => [key, one.value]))
      : node.items.map(({ node: one }) => one.value);
  return node;
}

function readKey(text, start) {
  let end = start;
  while (end < text.length && NAME.test(text[end])) end++;
  if (end === start) throw new SyntaxError('key');
  return { end, value: text.slice(start, end) };
}

function readValue(text, at) {
  const letter = text[at] ?? '';
  if (letter === '{' || letter === '[') return readList(text, at);
  return letter === '"' || letter === "'" ? readString(text, at) : readWord(text, at);
}

const entry = (node, key) => node?.kind === 'object' && node.items.find((item) => item.key === key);

/** Returns the template's parts, or undefined if the text is not a template. */
export function read(text) {
  try {
    const root = readValue(text, skip(text, 0));
    if (skip(text, root.end) < text.length) return undefined;
    const [media, boxes] = [entry(root, 'media')?.node, entry(root, 'boxes')?.node];
    if (media?.kind !== 'object' || boxes?.kind !== 'array') return undefined;
    if (boxes.items.some(({ node }) => node.kind !== 'object')) return undefined;
    return { root, media, list: boxes, boxes: boxes.items.map(({ node }) => node) };
  } catch {
    return undefined;
  }
}

/** Writes a value in the style of the shipped templates. */
export function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'number') return String(Number(value.toFixed(3)));
  if (typeof value !== 'string') return String(value);
  const escaped = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}

const splice = (text, start, end, by) => text.slice(0, start) + by + text.slice(end);

/** Sets a property of the medium or of a box. If `value` is undefined, the property is removed. */
export function set(text, node, key, value) {
  const found = entry(node, key);
  if (found && value !== undefined) return splice(text, found.node.start, found.node.end, literal(value));
  if (found) return splice(text, ...rangeOf(text, node, node.items.indexOf(found)), '');
  if (value === undefined) return text;
  const last = node.items.at(-1);
  if (last === undefined) return splice(text, node.start, node.end, `{ ${key}: ${literal(value)} }`);
  return splice(text, last.end, last.end, `, ${key}: ${literal(value)}`);
}

/** Sets several properties of the medium or of a box. A change after the start of a part does not move the part. */
export function setAll(text, { start }, values) {
  let changed = text;
  for (const [key, value] of Object.entries(values)) changed = set(changed, readValue(changed, start), key, value);
  return changed;
}

/** Sets properties of several boxes: pairs of a box's position in the list and its values. */
export function setEach(text, entries) {
  const { boxes } = read(text);
  const fromLast = entries.toSorted(([a], [b]) => b - a);
  return fromLast.reduce((changed, [index, values]) => setAll(changed, boxes[index], values), text);
}

/** Writes boxes as text, one in each line. */
export function textOf(boxes) {
  return boxes.map(boxText).join(',\n');
}

function boxText(properties) {
  const known = Object.entries(properties).filter(([, value]) => value !== undefined);
  return `{ ${known.map(([key, value]) => `${key}: ${literal(value)}`).join(', ')} }`;
}

/** The boxes in a text that was copied, or none if it is another text. */
export function boxesIn(text) {
  const found = read(text) ?? read(`{ media: {}, boxes: [${text}] }`);
  return found?.boxes.map(({ value }) => value).filter(({ type }) => typeof type === 'string') ?? [];
}

/** Adds a box after the last one, in a line of its own. */
export function addBox(text, properties) {
  const { list } = read(text);
  const box = boxText(properties);
  const last = list.items.at(-1);
  const indent = /(?:^|\n)([ \t]*)[^\n]*$/.exec(text.slice(0, list.start))[1];
  if (last === undefined) {
    const inside = text.slice(list.start + 1, list.end - 1).trimEnd();
    return splice(text, list.start, list.end, `[${inside}\n${indent}    ${box},\n${indent}]`);
  }
  const comma = skip(text, last.end);
  if (text[comma] === ',') return splice(text, comma + 1, comma + 1, `${gapOf(text, list, indent)}${box},`);
  return splice(text, last.end, last.end, `,${gapOf(text, list, indent)}${box}`);
}

/** The characters between two boxes: a line break and the usual indent, or one space. */
function gapOf(text, list, indent) {
  const first = list.items[0];
  const before = /\n([ \t]*)$/.exec(text.slice(list.start, first.start));
  if (before) return `\n${before[1]}`;
  return text.slice(list.start, list.end).includes('\n') ? `\n${indent}    ` : ' ';
}

export function removeBox(text, index) {
  const { list } = read(text);
  return splice(text, ...rangeOf(text, list, index), '');
}

/** The comments that `removeBox` would remove, as text. */
export function commentsOf(text, index) {
  const { list } = read(text);
  const range = text.slice(...rangeOf(text, list, index));
  const found = range.match(/"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|\/\/[^\n]*|\/\*[^]*?\*\//g) ?? [];
  return found.filter((one) => one.startsWith('/')).map((one) => one.replace(/^\/[/*]\s*|\s*\*\/$/g, ''));
}

/**
 * The range of an item with its comma. It begins after the line of the item before, so a comment at the end of that line
 * stays. A comment in the lines above the item goes with the item.
 */
function rangeOf(text, list, index) {
  const { items } = list;
  const item = items[index];
  const isLast = index === items.length - 1;
  const start = index === 0 ? list.start + 1 : lineEnd(text, afterComma(text, items[index - 1].end), item.start);
  if (!isLast || text[skip(text, item.end)] === ',') {
    const end = lineEnd(text, afterComma(text, item.end), isLast ? list.end - 1 : items[index + 1].start);
    if (!isLast || index > 0) return [start, end];
    return [start, end];
  }
  // The last item without a comma: the comma of the item before goes too.
  if (index > 0 && !text.slice(items[index - 1].end, item.start).includes('\n'))
    return [items[index - 1].end, item.end];
  return [start, lineEnd(text, item.end, list.end - 1)];
}

function afterComma(text, end) {
  const at = skip(text, end);
  return text[at] === ',' ? at + 1 : end;
}

/** Moves on over a comment at the end of the line, if nothing else is in the line. */
function lineEnd(text, at, most) {
  const rest = /^[ \t]*(?:\/\/[^\n]*|\/\*[^\n]*?\*\/[ \t]*)?(?=\n)/.exec(text.slice(at, most));
  return rest ? at + rest[0].length : at;
}
