/* Icons (20 × 20, stroked) and shapes (16 × 16, filled) for a station's screen. */

const ICONS = {
  scan: 'M3 6.5V3.8c0-.5.3-.8.8-.8h2.7M13.5 3h2.7c.5 0 .8.3.8.8v2.7M17 13.5v2.7c0 .5-.3.8-.8.8h-2.7M6.5 17H3.8c-.5 0-.8-.3-.8-.8v-2.7M6.5 6.8v6.4M9 6.8v6.4M11.2 6.8v6.4M13.5 6.8v6.4',
  power: 'M10 2.5v7M6 5a6.5 6.5 0 1 0 8 0',
  print: 'M5.5 7.5V3h9v4.5M5.5 14H3V7.5h14V14h-2.5M5.5 11.5h9V17h-9z',
  next: 'm7.5 4 6 6-6 6',
  cancel: 'm5 5 10 10M15 5 5 15',
} as const;

export type IconName = keyof typeof ICONS | 'more' | 'person';

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="i" viewBox="0 0 20 20" aria-hidden="true">
      {name === 'more' ? (
        [4.5, 10, 15.5].map((x) => <circle cx={x} cy="10" r="1" />)
      ) : name === 'person' ? (
        <>
          <circle cx="10" cy="6.8" r="3.3" />
          <path d="M3.5 17c.6-3.4 3.2-5 6.5-5s5.9 1.6 6.5 5" />
        </>
      ) : (
        <path d={ICONS[name]} />
      )}
    </svg>
  );
}

const SHAPES = {
  good: ['M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z', 'm4.7 8.3 2.3 2.3 4.3-4.8'],
  warn: ['M8 1.3 15.4 14.5H.6z', 'M8 6v4M8 12v.4'],
  stop: ['M5 1h6l4 4v6l-4 4H5l-4-4V5z', 'm5.5 5.5 5 5m0-5-5 5'],
  info: ['M1 1h14v14H1z', 'M8 7.3V12M8 4.3v.4'],
} as const;

export function Shape({ name }: { name: keyof typeof SHAPES }) {
  const [edge, cut] = SHAPES[name];
  return (
    <svg class={`shape is-${name}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={edge} />
      <path class="cut" d={cut} />
    </svg>
  );
}

/** The product's logo. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path class="mark-edge" d="M4 4h17v4H8v16h16V14h4v14H4z" />
      <path class="mark-check" d="m12 15 4 4L27 7l-3-3-8 9-1.5-1.5z" />
    </svg>
  );
}
