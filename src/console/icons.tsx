/* Icons (20 × 20, stroked) and shapes (16 × 16, filled) for all pages except the stations' screens. */

export const ICONS = {
  again: 'M15.6 7.2A6.2 6.2 0 0 0 4.3 8.4M4.4 12.8a6.2 6.2 0 0 0 11.3-1.2M15.9 3.8v3.6h-3.6M4.1 16.2v-3.6h3.6',
  check: 'm3.5 10.5 4.3 4.3 8.7-9.3',
  cloud: 'M6 15.5a3.7 3.7 0 0 1-.4-7.4 4.9 4.9 0 0 1 9.3 1.2A3.2 3.2 0 0 1 14.6 15.5z',
  cross: 'm5 5 10 10M15 5 5 15',
  tag: 'M3.5 9.6V4.3c0-.4.4-.8.8-.8h5.3l7 7-6 6zM6.7 6.7h.1',
  access: 'M3.1 13.2a3.7 3.7 0 1 0 7.4 0a3.7 3.7 0 1 0-7.4 0M9.5 10.5 16.5 3.5M14 6l2.6 2.6M11.7 8.3l1.6 1.6',
  down: 'm5.5 8 4.5 4.5L14.5 8',
  download: 'M10 3v9.5M5.5 8.5 10 13l4.5-4.5M3.5 16.8h13',
  find: 'M3.5 8.8a5.3 5.3 0 1 0 10.6 0a5.3 5.3 0 1 0-10.6 0M13 13l4 4',
  go: 'm8 4.5 5.5 5.5L8 15.5',
  language:
    'M2.8 10a7.2 7.2 0 1 0 14.4 0a7.2 7.2 0 1 0-14.4 0M2.8 10h14.4M10 2.8c2.3 2 3.3 4.5 3.3 7.2s-1 5.2-3.3 7.2c-2.3-2-3.3-4.5-3.3-7.2s1-5.2 3.3-7.2z',
  ledger: 'M4 15.6V4.8C4 3.8 4.8 3 5.8 3H16v14H5.6C4.7 17 4 16.4 4 15.6c0-.9.7-1.6 1.6-1.6H16M8 6.5h4.5M8 9.5h3',
  line: 'M3.5 11V5.5h5V11M11.5 11V7.5h5V11M2 13.5h16M4.4 16.6h1.2M9.4 16.6h1.2M14.4 16.6h1.2',
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  orders:
    'M7 4H5.2C4.5 4 4 4.5 4 5.2v10.6c0 .7.5 1.2 1.2 1.2h9.6c.7 0 1.2-.5 1.2-1.2V5.2c0-.7-.5-1.2-1.2-1.2H13M7 2.5h6v3.2H7zM7 9.5h6M7 13h3.5',
  person: 'M6.7 6.8a3.3 3.3 0 1 0 6.6 0a3.3 3.3 0 1 0-6.6 0M3.5 17c.6-3.4 3.2-5 6.5-5s5.9 1.6 6.5 5',
  printing:
    'M6 7.5V3h8v4.5M6 14.5H4.2c-.7 0-1.2-.5-1.2-1.2V8.7c0-.7.5-1.2 1.2-1.2h11.6c.7 0 1.2.5 1.2 1.2v4.6c0 .7-.5 1.2-1.2 1.2H14M6 11.5h8v6H6z',
  setup:
    'M3 6h7.5M15.5 6H17M3 14h1.5M9.5 14H17M10.6 6a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0-4.8 0M4.6 14a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0-4.8 0',
  add: 'M10 4v12M4 10h12',
  bars: 'M3 4v12M6 4v12M8.5 4v12M12 4v12M14.5 4v12M17 4v12',
  code: 'M3 3h5v5H3zM12 3h5v5h-5zM3 12h5v5H3zM12 12h1.5v1.5M17 12v1.5M12 17v-.5M15 15.5h2V17',
  edit: 'm4 13.5-.8 3.3 3.3-.8 9.3-9.3-2.5-2.5zM11.5 6l2.5 2.5',
  frame: 'M3 4.5h14v11H3z',
  image: 'M3 3.5h14v13H3zM6 7.8a1.3 1.3 0 1 0 2.6 0a1.3 1.3 0 1 0-2.6 0M3.5 14.5l4-3.5 2.8 2.3 3-3.3 3.2 3.2',
  label: 'M2.5 5h15v10h-15zM5 8h6M5 11h4M13 8.5h2v3h-2z',
  redo: 'm12.5 4 4 4-4 4M16.5 8h-8a4.5 4.5 0 0 0 0 9H12',
  rule: 'M3 10h14',
  text: 'M4.5 6.5V4h11v2.5M10 4v12M7.5 16h5',
  undo: 'M7.5 4 3.5 8l4 4M3.5 8h8a4.5 4.5 0 0 1 0 9H8',
  units: 'M5.5 5.5h9v9h-9zM8 2.5v3M12 2.5v3M8 14.5v3M12 14.5v3M2.5 8h3M2.5 12h3M14.5 8h3M14.5 12h3',
} as const;

export type DeskIcon = keyof typeof ICONS;

export function Icon({ name }: { name: DeskIcon }) {
  return (
    <svg class="i" viewBox="0 0 20 20" aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
}

/** Each shape has an outline. In a filled shape, a symbol is cut out. */
export const SHAPES = {
  good: { edge: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z', cut: 'm4.7 8.3 2.3 2.3 4.3-4.8' },
  half: { edge: 'M8 2a6 6 0 0 1 0 12z', line: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z' },
  open: { line: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z' },
  warn: { edge: 'M8 1.3 15.4 14.5H.6z', cut: 'M8 6v4M8 12v.4' },
  stop: { edge: 'M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5z', cut: 'M8 4.3v4.5M8 11.3v.4' },
  info: { edge: 'M1 1h14v14H1z', cut: 'M8 7.3V12M8 4.3v.4' },
  idle: { line: 'M2.5 8h11' },
  void: { line: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM3.8 12.2l8.4-8.4' },
  scrap: { line: 'm3 3 10 10M13 3 3 13' },
} as const;

export type ShapeName = keyof typeof SHAPES;

export function Shape({ name }: { name: ShapeName }) {
  const { edge, cut, line }: { edge?: string; cut?: string; line?: string } = SHAPES[name];
  return (
    <svg class={`shape is-${name}`} viewBox="0 0 16 16" aria-hidden="true">
      {edge === undefined ? null : <path d={edge} />}
      {line === undefined ? null : <path class="line" d={line} />}
      {cut === undefined ? null : <path class="cut" d={cut} />}
    </svg>
  );
}
