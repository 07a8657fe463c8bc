import { own } from '../../platform/own.ts';

/*
 * Reads the bytes that a Zebra printer receives: formats (^XA … ^XZ), control commands (~HS) and Set-Get-Do commands (!
 * U1 …). The reader shares no code with the service's label writer. The reader was written from the programming guide
 * alone (P1012728-011).
 */

/**
 * Separates the parameters of a command that has been read. This separator does not depend on the delimiter that the
 * printer uses.
 */
export const SEPARATOR = '\u001f';

export interface Command {
  name: string;
  parameters: string;
}

export interface Reading {
  /** Called for each complete format. The commands ^XA and ^XZ are left out. */
  format: (commands: Command[]) => void;
  /** Called for each control command. The printer executes such a command at once, even inside a format. */
  control: (name: string) => void;
  setGetDo: (verb: string, name: string) => void;
}

export interface Reader {
  read: (text: string) => void;
  /** Discards the part of an unfinished format that has been read. */
  cancel: () => void;
  isOpen: () => boolean;
  /** Resets the characters that begin commands and separate parameters, as switching the printer off does. */
  reset: () => void;
}

/** For each `~` command with more than two letters, a pattern for the letters and digits that follow. */
const LONGER: { [name: string]: RegExp } = { HQ: /^[A-Z]{0,2}/, SD: /^\d{0,2}/, TA: /^-?\d{0,3}/, JS: /^[A-Z]?/ };
const SET_GET_DO = /^! ?U1? ([^\r\n]*)\r?\n/;

/** Input that has been received but not interpreted yet. */
interface Input {
  on: Reading;
  signs: { format: string; control: string; delimiter: string };
  waiting: string;
  open: Command[] | undefined;
}

const SIGNS = { format: '^', control: '~', delimiter: ',' };

export function openReader(on: Reading): Reader {
  const input: Input = { on, signs: SIGNS, waiting: '', open: undefined };
  return {
    read(text) {
      input.waiting += text;
      while (readOne(input));
    },
    cancel() {
      input.open = undefined;
      input.waiting = '';
    },
    isOpen: () => input.open !== undefined,
    reset: () => void (input.signs = SIGNS),
  };
}

/** Reads one command. Returns false if there is no command, or if the end of the command has not been received yet. */
function readOne(input: Input): boolean {
  const { format, control } = input.signs;
  const found = [format, control, '!'].map((sign) => input.waiting.indexOf(sign)).filter((at) => at >= 0);
  if (found.length === 0) {
    if (input.open === undefined) input.waiting = '';
    return false;
  }
  input.waiting = input.waiting.slice(Math.min(...found));
  const [sign] = input.waiting;
  return sign === control ? readControl(input) : sign === format ? readFormat(input) : readSetGetDo(input);
}

/**
 * Like ~CC, ~CT and ~CD, the commands ^CC, ^CT and ^CD change a special character. Returns undefined for other
 * commands.
 */
function changedSign(input: Input, name: string): boolean | undefined {
  if (!/^C[CDT]$/.test(name)) return undefined;
  const sign = input.waiting[3];
  if (sign === undefined) return false;
  const which = name === 'CC' ? 'format' : name === 'CT' ? 'control' : 'delimiter';
  input.signs = { ...input.signs, [which]: sign };
  input.waiting = input.waiting.slice(4);
  return true;
}

function readControl(input: Input): boolean {
  const name = input.waiting.slice(1, 3);
  if (name.length < 2) return false;
  const isSign = changedSign(input, name);
  if (isSign !== undefined) return isSign;
  const more = own(LONGER, name)?.exec(input.waiting.slice(3))?.[0] ?? '';
  // The rest of a longer command may still arrive.
  if (name === 'HQ' && more.length < 2 && input.waiting.length < 5) return false;
  input.waiting = input.waiting.slice(3 + more.length);
  if (name === 'JX') input.open = undefined;
  else input.on.control(name + more);
  return true;
}

function readFormat(input: Input): boolean {
  const { signs, waiting, on } = input;
  const name = waiting.slice(1, 3);
  if (name.length < 2) return false;
  if (name === 'XA' || name === 'XZ') {
    const done = name === 'XZ' ? input.open : undefined;
    // If a format was cut off, the next format becomes a part of it.
    input.open = name === 'XZ' ? undefined : (input.open ?? []);
    input.waiting = waiting.slice(3);
    if (done !== undefined) on.format(done);
    return true;
  }
  const isSign = changedSign(input, name);
  if (isSign !== undefined) return isSign;
  const rest = waiting.slice(3);
  const ends = [rest.indexOf(signs.format), rest.indexOf(signs.control)].filter((at) => at >= 0);
  if (ends.length === 0) return false;
  const end = Math.min(...ends);
  const parameters = rest.slice(0, end).replace(/[\r\n]/g, '');
  // The text of a field may contain the delimiter as a normal character.
  const split = name === 'FD' ? parameters : parameters.replaceAll(signs.delimiter, SEPARATOR);
  input.open?.push({ name, parameters: split });
  input.waiting = rest.slice(end);
  return true;
}

const SETTINGS: { [name: string]: keyof Input['signs'] } = {
  'zpl.format_prefix': 'format',
  'zpl.control_character': 'control',
  'zpl.delimiter': 'delimiter',
};

function readSetGetDo(input: Input): boolean {
  const { waiting, on } = input;
  const [line, words] = SET_GET_DO.exec(waiting) ?? [];
  if (line === undefined && /^!( ?(U1?( [^\n]*)?)?)?$/.test(waiting)) return false;
  input.waiting = waiting.slice(line === undefined ? 1 : line.length);
  if (words === undefined) return true;
  const [verb = '', name = '', value] = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
  const sign = own(SETTINGS, name);
  if (verb === 'setvar' && sign !== undefined && value !== undefined)
    input.signs = { ...input.signs, [sign]: String.fromCharCode(Number.parseInt(value, 16)) };
  on.setGetDo(verb, name);
  return true;
}
