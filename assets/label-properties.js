// The properties of the selected box, or of the label, in the label editor.
import { boundsOf, mediaOf, rectOf } from './label-geometry.js';

const CODES = ['qr', 'datamatrix', 'gs1-datamatrix', 'code128', 'gs1-128'];

/** The distance from the edge, in mm, when a box is placed at the edge. A code has its own quiet zone. */
const MARGIN = 2;

/** The properties that a code keeps when it becomes another kind of code. */
const COMMON = ['type', 'name', 'x', 'y', 'w', 'h', 'text', 'rotation'];

export function openProperties(section, editor) {
  const { say, data } = editor;
  let ids = 0;

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  const field = (words, control, help) => {
    control.id = `property-${ids++}`;
    const parts = [element('label', { for: control.id }, say(words))];
    if (help !== undefined) {
      const hint = element('p', { class: 'help', id: `${control.id}-help` }, say(help));
      control.setAttribute('aria-describedby', hint.id);
      parts.push(hint);
    }
    const unit = control.dataset.unit;
    parts.push(
      unit ? element('div', { class: 'with' }, control, element('span', { 'aria-hidden': 'true' }, unit)) : control,
    );
    return element('div', { class: 'field' }, ...parts);
  };

  /** A number in `unit`, or undefined. It may have a decimal comma, and a length may have another unit. */
  const read = (typed, unit) => {
    const [, number, other] = /^([+-]?[0-9.,]*[0-9])\s*([a-zA-Z%"]*)$/.exec(typed.trim()) ?? [];
    if (number === undefined) return undefined;
    const value = Number(number.replace(',', '.'));
    const mm = { mm: 1, cm: 10, in: 25.4, '"': 25.4, pt: 25.4 / 72 };
    if (other === '' || other === unit || other === say(unit)) return Number.isFinite(value) ? value : undefined;
    const by = mm[other.toLowerCase()] / mm[unit];
    return Number.isFinite(value * by) ? value * by : undefined;
  };

  /** The arrow keys change the number by one step. */
  const number = (words, value, set, { unit = 'mm', step = 0.5, isOptional = false, help } = {}) => {
    const input = element('input', { inputmode: 'decimal', autocomplete: 'off', 'data-unit': unit, 'data-key': words });
    input.value = value ?? '';
    const keep = () => {
      if (input.value.trim() === '' && isOptional) return set(undefined);
      const typed = read(input.value, unit);
      if (typed === undefined) {
        input.setAttribute('aria-invalid', 'true');
        editor.note(say('notNumber', { field: say(words) }));
      } else {
        input.removeAttribute('aria-invalid');
        set(typed);
      }
    };
    // When Tab ends the input, the next field does not have the focus yet. Drawing now would remove that field.
    input.addEventListener('change', () => setTimeout(keep));
    input.addEventListener('keydown', (event) => {
      const by = { ArrowUp: step, ArrowDown: -step }[event.key];
      if (event.key === 'Enter') keep();
      if (by === undefined) return;
      event.preventDefault();
      input.value = String(Math.round(((read(input.value, unit) ?? 0) + by) * 100) / 100);
      keep();
    });
    return field(words, input, help);
  };

  const text = (words, value, set, { isLong = false } = {}) => {
    const input = element(isLong ? 'textarea' : 'input', {
      autocomplete: 'off',
      'data-key': words,
      rows: isLong ? 2 : undefined,
    });
    input.value = value ?? '';
    input.addEventListener('input', () => set(input.value));
    return field(words, input);
  };

  const select = (words, value, options, set) => {
    const control = element('select', { 'data-key': words });
    for (const [key, name] of options)
      control.append(element('option', { value: key, ...(key === String(value) ? { selected: '' } : {}) }, name));
    control.addEventListener('change', () => set(control.value));
    return field(words, control);
  };

  const seg = (words, value, options, set) => {
    const row = element('div', { class: 'seg' });
    const group = `property-${ids++}`;
    for (const [key, name] of options) {
      const radio = element('input', { type: 'radio', name: group, value: key, 'data-key': `${words} ${key}` });
      radio.checked = String(value) === key;
      radio.addEventListener('change', () => set(key));
      row.append(element('label', {}, radio, name));
    }
    return element('fieldset', { class: 'field' }, element('legend', {}, say(words)), row);
  };

  const tick = (words, value, set) => {
    const input = element('input', { type: 'checkbox', 'data-key': words });
    input.checked = value === true;
    input.addEventListener('change', () => set(input.checked));
    return element('label', { class: 'tick' }, input, say(words));
  };

  const withSample = (name) => {
    const value = editor.state.sample[name.split(':')[0]];
    const words = say(`field.${name}`);
    return value ? `${words} – ${value}` : words;
  };
  /** The sample unit has other values. */
  const showSample = () => {
    for (const option of section.querySelectorAll('[data-key=insert] option:not([value=""])'))
      option.textContent = withSample(option.value);
  };

  /** Inserts a placeholder at the caret. A code gets the placeholder as its complete content. */
  const insert = (box, set) => {
    const fields = data.fields.flatMap((name) => (name === 'uci' ? ['uci', 'uci:5'] : [name]));
    const options = fields.map((name) => [name, withSample(name)]);
    return select('insert', '', [['', say('choose')], ...options], (name) => {
      if (name === '') return;
      const place = `{${name}}`;
      // The field has what was typed. These properties were drawn before that.
      const area = section.querySelector('[data-key=holds]');
      const at = area.selectionEnd;
      area.value = CODES.includes(box.value.type) ? place : area.value.slice(0, at) + place + area.value.slice(at);
      set(area.value);
    });
  };

  /** Rows of buttons: each has a key and does something. */
  const buttons = (words, keys, act, isOff = false) => {
    const row = element('div', { class: 'places' });
    for (const [key, name] of keys) {
      const button = element(
        'button',
        { type: 'button', class: 'btn', 'data-key': `${words} ${key}`, disabled: isOff ? '' : undefined },
        say(name),
      );
      button.addEventListener('click', () => act(key));
      row.append(button);
    }
    return element('fieldset', { class: 'field' }, element('legend', {}, say(words)), row);
  };
  const SIDES = ['left', 'center', 'right', 'top', 'middle', 'bottom'].map((side) => [side, side]);
  const places = (boxes) => {
    const edge = boxes.every(({ value }) => CODES.includes(value.type)) ? 0 : MARGIN;
    const edgeOf = (side) => (['center', 'middle'].includes(side) ? 0 : edge);
    return buttons('place', SIDES, (side) => editor.place(side, edgeOf(side)));
  };

  /** What several boxes have in common: where they are. */
  const ofSeveral = (boxes) => {
    const bounds = () => boundsOf(editor.chosenBoxes().map(rectOf));
    const { x, y } = bounds();
    return [
      element(
        'div',
        { class: 'pair' },
        number('x', round(x), (mm) => editor.moveBy(mm - bounds().x, 0)),
        number('y', round(y), (mm) => editor.moveBy(0, mm - bounds().y)),
      ),
      buttons('alignEach', SIDES, editor.align),
      buttons(
        'distribute',
        [
          ['x', 'across'],
          ['y', 'down'],
        ],
        editor.distribute,
        boxes.length < 3,
      ),
      places(boxes),
    ];
  };
  const round = (mm) => Math.round(mm * 1000) / 1000;

  const set =
    (key, change = (value) => value) =>
    (value) =>
      editor.setBox({ [key]: change(value) }, `property ${key}`);

  const geometry = ({ value }) => {
    const keys = value.type === 'line' ? ['x', 'y', 'x2', 'y2'] : ['x', 'y', 'w', 'h'];
    return element('div', { class: 'pair' }, ...keys.map((key) => number(key, value[key], set(key))));
  };

  const content = (box) => {
    const [change, { value }] = [set('text'), box];
    const usual = ['qr', 'datamatrix'].includes(value.type) ? '{qr}' : '{serial}';
    return [text('holds', value.text ?? usual, change, { isLong: true }), insert(box, change)];
  };

  const turn = ({ value }) =>
    seg(
      'turned',
      value.rotation ?? 0,
      ['0', '90', '180', '270'].map((one) => [one, `${one}°`]),
      set('rotation', Number),
    );

  const ofText = (box) => {
    const { font, size, floor, align, valign, wrap } = box.value;
    const fonts = ['sans', 'bold', 'mono'].map((name) => [name, say(name)]);
    const own = [font ?? 'sans'].flat();
    if (own.length > 1 || !fonts.some(([name]) => name === own[0])) fonts.push([own.join(', '), own.join(', ')]);
    return [
      ...content(box),
      geometry(box),
      select('font', own.join(', '), fonts, (name) => editor.setBox({ font: name })),
      element(
        'div',
        { class: 'pair' },
        number('size', size, set('size'), { unit: 'pt' }),
        number('floor', floor, set('floor'), { unit: 'pt', isOptional: true }),
      ),
      seg(
        'align',
        align ?? 'left',
        ['left', 'center', 'right'].map((one) => [one, say(one)]),
        set('align'),
      ),
      seg(
        'valign',
        valign ?? 'middle',
        ['top', 'middle', 'bottom'].map((one) => [one, say(one)]),
        set('valign'),
      ),
      tick('wrap', wrap, set('wrap')),
      turn(box),
    ];
  };

  const STANDARDS = {
    none: { frame: undefined, content: undefined },
    iec: { frame: 'iec61406-1', content: undefined },
    gs1Link: { frame: undefined, content: 'gs1-link' },
    matter: { frame: undefined, content: 'matter' },
  };

  const ofCode = (box) => {
    const { type, level, frame, content: standard, quiet } = box.value;
    const kind = (next) => {
      const dropped = Object.keys(box.value).filter((key) => !COMMON.includes(key));
      editor.setBox({ ...Object.fromEntries(dropped.map((key) => [key, undefined])), type: next });
    };
    const parts = [
      select(
        'kind',
        type,
        CODES.map((one) => [one, say(one)]),
        kind,
      ),
      ...content(box),
      geometry(box),
    ];
    if (type === 'qr') {
      const damage = { L: '7 %', M: '15 %', Q: '25 %', H: '30 %' };
      const chosen = frame ? 'iec' : standard === 'matter' ? 'matter' : standard ? 'gs1Link' : 'none';
      parts.push(
        seg('level', level ?? (frame ? 'Q' : 'M'), Object.entries(damage), set('level')),
        select(
          'standard',
          chosen,
          Object.keys(STANDARDS).map((one) => [one, say(one)]),
          (one) => editor.setBox(STANDARDS[one]),
        ),
      );
    }
    parts.push(number('quiet', quiet, set('quiet'), { unit: say('modules'), step: 1, isOptional: true }), turn(box));
    return parts;
  };

  const upload = () => {
    const input = element('input', { type: 'file', accept: '.png,.jpg,.jpeg,.svg', 'data-key': 'upload' });
    input.addEventListener('change', () => input.files[0] && void editor.upload(input.files[0]));
    return field('upload', input, 'uploadHint');
  };

  const ofImage = (box) => {
    const { file, threshold, dither } = box.value;
    const files = [['{logo}', say('field.logo')], ...data.logos.map((name) => [name, name])];
    const now = file ?? '{logo}';
    if (!files.some(([name]) => name === now)) files.push([now, now]);
    return [
      select('picture', now, files, set('file')),
      upload(),
      geometry(box),
      number('threshold', threshold, set('threshold'), { unit: '%', step: 5, isOptional: true }),
      tick('dither', dither, (isOn) => editor.setBox({ dither: isOn ? true : undefined })),
      turn(box),
    ];
  };

  const ofLine = (box) => [geometry(box), number('thickness', box.value.width ?? 0.25, set('width'), { step: 0.05 })];

  const ofLabel = () => {
    const { width, height, dpi } = mediaOf(editor.parts());
    const products = data.products.map(({ id, name }) => [id, name]);
    return [
      element(
        'div',
        { class: 'pair' },
        number('w', width, (mm) => editor.setMedia({ width: mm })),
        number('h', height, (mm) => editor.setMedia({ height: mm })),
      ),
      select(
        'dpi',
        dpi,
        ['203', '300', '600'].map((one) => [one, `${one} dpi`]),
        (one) => editor.setMedia({ dpi: Number(one) }),
      ),
      select('product', editor.state.product, [['', say('anyProduct')], ...products], (id) => editor.setProduct(id)),
    ];
  };

  let drawn;
  const draw = ({ isForced = false } = {}) => {
    const { chosen } = editor.state;
    const box = editor.parts()?.boxes[editor.state.picked];
    const active = document.activeElement;
    // What a person types must stay as it is: an input method may not be done with it.
    const isTyping = section.contains(active) && active.matches('textarea, input:not([type])');
    const shown = `${chosen.join()} ${box?.value.type}`;
    if (isTyping && !isForced && drawn === shown) return;
    drawn = shown;
    ids = 0;
    const kept = keptFocus();
    const name = chosen.length > 1 ? say('several', { count: chosen.length }) : editor.nameOf(editor.state.picked);
    const head = element('h2', {}, box === undefined ? say('label') : name);
    const bar = element('div', { class: 'bench-bar' }, head);
    const body = element('div', { class: 'pane-body' });
    if (box === undefined) body.append(...(editor.parts() === undefined ? [] : ofLabel()));
    else {
      if (chosen.length > 1) body.append(...ofSeveral(editor.chosenBoxes()));
      else body.append(...ofOne(box));
      bar.append(acts());
    }
    section.setAttribute('aria-label', head.textContent);
    section.replaceChildren(bar, body);
    kept?.();
  };

  const ofOne = (box) => {
    const of = { text: ofText, image: ofImage, line: ofLine, box: ofLine }[box.value.type] ?? ofCode;
    return [
      ...of(box),
      places([box]),
      text('boxName', box.value.name, (name) => editor.setBox({ name: name || undefined }, 'name')),
    ];
  };

  const acts = () => {
    const row = element('div', { class: 'acts-small' });
    for (const [words, act] of [
      ['duplicate', () => editor.duplicate()],
      ['remove', () => editor.remove()],
    ]) {
      const button = element('button', { type: 'button', class: 'btn btn-quiet', 'data-key': words }, say(words));
      button.addEventListener('click', act);
      row.append(button);
    }
    return row;
  };

  /** Drawing again must not take the focus away. */
  const keptFocus = () => {
    const { key } = section.contains(document.activeElement) ? document.activeElement.dataset : {};
    if (key === undefined) return undefined;
    return () =>
      [...section.querySelectorAll('[data-key]')]
        .find((one) => one.dataset.key === key)
        ?.focus({ preventScroll: true });
  };

  return { draw, showSample };
}
