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
  swissFrench: {
    layout: 'qwertz',
    plain: "§1234567890'^qwertzuiopè¨asdfghjkléà$<yxcvbnm,.-",
    shifted: '°+"*ç%&/()=?`QWERTZUIOPü!ASDFGHJKLöä£>YXCVBNM;:_',
  },
  czech: {
    layout: 'qwertz',
    plain: ';+ěščřžýáíé=´qwertzuiopú)asdfghjklů§¨\\yxcvbnm,.-',
    shifted: '°1234567890%ˇQWERTZUIOP/(ASDFGHJKL"!\'|YXCVBNM?:_',
  },
  hungarian: {
    layout: 'qwertz',
    plain: '0123456789öüóqwertzuiopőúasdfghjkléáűíyxcvbnm,.-',
    shifted: '§\'"+!%/=()ÖÜÓQWERTZUIOPŐÚASDFGHJKLÉÁŰÍYXCVBNM?:_',
  },
  italian: {
    layout: 'other',
    plain: "\\1234567890'ìqwertyuiopè+asdfghjklòàù<zxcvbnm,.-",
    shifted: '|!"£$%&/()=?^QWERTYUIOPé*ASDFGHJKLç°§>ZXCVBNM;:_',
  },
  portuguese: {
    layout: 'other',
    plain: "\\1234567890'«qwertyuiop+´asdfghjklçº~<zxcvbnm,.-",
    shifted: '|!"#$%&/()=?»QWERTYUIOP*`ASDFGHJKLÇª^>ZXCVBNM;:_',
  },
  latinAmerican: {
    layout: 'other',
    plain: "|1234567890'¿qwertyuiop´+asdfghjklñ{}<zxcvbnm,.-",
    shifted: '°!"#$%&/()=?¡QWERTYUIOP¨*ASDFGHJKLÑ[]>ZXCVBNM;:_',
  },
  dvorak: {
    layout: 'other',
    plain: "`1234567890[]',.pyfgcrl/=aoeuidhtns-\\\0;qjkxbmwvz",
    shifted: '~!@#$%^&*(){}"<>PYFGCRL?+AOEUIDHTNS_|\0:QJKXBMWVZ',
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
  /** True if Caps Lock changes the case of the key's letter. */
  isLetter: boolean;
}

function keysOf({ plain, shifted }: KeyMap): Map<string, Key> {
  const keys = new Map<string, Key>();
  const [lower, upper] = [Array.from(plain), Array.from(shifted)];
  const keyAt = (at: number, shift: boolean): Key => {
    const [small = '', capital = ''] = [lower[at], upper[at]];
    return { at, shift, isLetter: small !== capital && small.toUpperCase() === capital };
  };
  for (const [at, char] of upper.entries()) keys.set(char, keyAt(at, true));
  // With Caps Lock, a key such as `é` gives its capital letter on some computers.
  for (const [at, char] of lower.entries())
    keys.set(char.toUpperCase(), keys.get(char.toUpperCase()) ?? keyAt(at, false));
  for (const [at, char] of lower.entries()) keys.set(char, keyAt(at, false));
  keys.delete('\0');
  return keys;
}

const { us, german, french, spanish, italian, ...others } = MAPS;

/** The computer's layout, the scanner's layout. Most scanners are sold with the US layout. */
const PAIRS: [computer: KeyMap, scanner: KeyMap][] = [
  ...[german, french, spanish, italian, ...Object.values(others)].flatMap((map): [KeyMap, KeyMap][] => [
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

/** What Caps Lock shifts: nothing, only letters, or all keys (also the digits, as on French computers). */
const CAPS_LOCKS = ['off', 'letters', 'all'] as const;
type CapsLock = (typeof CAPS_LOCKS)[number];

/** Yields what the text would be for each wrong layout that can have made it, with and without Caps Lock. */
export function* otherLayouts(text: string): Generator<{ layout: Layout; text: string }> {
  const yielded = new Set([text]);
  for (const { layout, keys, scanner } of DECODERS) {
    for (const capsLock of CAPS_LOCKS) {
      const decoded = decode(text, keys, scanner, capsLock);
      if (decoded === undefined || yielded.has(decoded)) continue;
      yielded.add(decoded);
      yield { layout, text: decoded };
    }
  }
}

function decode(text: string, keys: Map<string, Key>, scanner: KeyMap, capsLock: CapsLock): string | undefined {
  let decoded = '';
  for (const char of text) {
    const key = keys.get(char);
    if (key === undefined && char > ' ') return undefined;
    const isInverted = capsLock === 'all' || (capsLock === 'letters' && key?.isLetter === true);
    const from = key?.shift === !isInverted ? scanner.shifted : scanner.plain;
    const meant = key === undefined ? char : from[key.at];
    if (meant === undefined || meant === '\0') return undefined;
    decoded += meant;
  }
  return decoded;
}
