/*
 * Recognises text from a scanner whose keyboard layout differs from the layout of the computer. A keyboard scanner sends
 * key positions, so a wrong layout swaps letters, digits and signs. The meaning of such text is only told, never used.
 */

export type Layout = 'qwertz' | 'azerty' | 'other';

/** The characters of 48 keys without and with Shift: rows E, D, C and B of ISO/IEC 9995, each from the left. */
interface KeyMap {
  layout?: Layout;
  plain: string;
  shifted: string;
}

/** `\0` is a key that the keyboard does not have. The maps are those of the X keyboard data. */
const MAPS = {
  us: {
    plain: "`1234567890-=qwertyuiop[]asdfghjkl;'\\\0zxcvbnm,./",
    shifted: '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|\0ZXCVBNM<>?',
  },
  german: {
    layout: 'qwertz',
    plain: '^1234567890ß´qwertzuiopü+asdfghjklöä#<yxcvbnm,.-',
    shifted: '°!"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ\'>YXCVBNM;:_',
  },
  swiss: {
    layout: 'qwertz',
    plain: "§1234567890'^qwertzuiopü¨asdfghjklöä$<yxcvbnm,.-",
    shifted: '°+"*ç%&/()=?`QWERTZUIOPè!ASDFGHJKLéà£>YXCVBNM;:_',
  },
  french: {
    layout: 'azerty',
    plain: '²&é"\'(-è_çà)=azertyuiop^$qsdfghjklmù*<wxcvbn,;:!',
    shifted: '~1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µ>WXCVBN?./§',
  },
  belgian: {
    layout: 'azerty',
    plain: '²&é"\'(§è!çà)-azertyuiop^$qsdfghjklmùµ<wxcvbn,;:=',
    shifted: '³1234567890°_AZERTYUIOP¨*QSDFGHJKLM%£>WXCVBN?./+',
  },
  spanish: {
    layout: 'other',
    plain: "º1234567890'¡qwertyuiop`+asdfghjklñ´ç<zxcvbnm,.-",
    shifted: 'ª!"·$%&/()=?¿QWERTYUIOP^*ASDFGHJKLÑ¨Ç>ZXCVBNM;:_',
  },
} as const satisfies Record<string, KeyMap>;

interface Key {
  at: number;
  shift: boolean;
}

function keysOf({ plain, shifted }: KeyMap): Map<string, Key> {
  const keys = new Map<string, Key>();
  for (const [at, char] of Array.from(shifted).entries()) keys.set(char, { at, shift: true });
  // With Caps Lock, a key such as `é` gives its capital letter on some computers.
  for (const [at, char] of Array.from(plain).entries())
    keys.set(char.toUpperCase(), keys.get(char.toUpperCase()) ?? { at, shift: false });
  for (const [at, char] of Array.from(plain).entries()) keys.set(char, { at, shift: false });
  keys.delete('\0');
  return keys;
}

const { us, german, swiss, french, belgian, spanish } = MAPS;

/** The computer's layout, the scanner's layout. Most scanners are sold with the US layout. */
const PAIRS: [computer: KeyMap, scanner: KeyMap][] = [
  ...[german, french, spanish, swiss, belgian].flatMap((map): [KeyMap, KeyMap][] => [
    [map, us],
    [us, map],
  ]),
  [german, french],
  [french, german],
];

const DECODERS = PAIRS.map(([computer, scanner]) => ({
  layout: computer.layout === 'azerty' ? computer.layout : (scanner.layout ?? computer.layout ?? 'other'),
  keys: keysOf(computer),
  scanner,
}));

/** Yields what the text would be for each wrong layout that can have made it, with and without Caps Lock. */
export function* otherLayouts(text: string): Generator<{ layout: Layout; text: string }> {
  for (const { layout, keys, scanner } of DECODERS) {
    for (const isShiftLocked of [false, true]) {
      const decoded = decode(text, keys, scanner, isShiftLocked);
      if (decoded !== undefined && decoded !== text) yield { layout, text: decoded };
    }
  }
}

/**
 * `isShiftLocked`: Caps Lock shifts all keys, also the digits, as on French computers. Otherwise Caps Lock changes only
 * the case of letters, and the reader ignores case.
 */
function decode(text: string, keys: Map<string, Key>, scanner: KeyMap, isShiftLocked: boolean): string | undefined {
  let decoded = '';
  for (const char of text) {
    const key = keys.get(char);
    if (key === undefined && char > ' ') return undefined;
    const from = key?.shift === !isShiftLocked ? scanner.shifted : scanner.plain;
    const meant = key === undefined ? char : from[key.at];
    if (meant === undefined || meant === '\0') return undefined;
    decoded += meant;
  }
  return decoded;
}
