import QRCode from 'qrcode';
import { version } from '../../platform/package-root.ts';
import { linesOf } from '../run.ts';

/* The content of the greeting on the terminal when the service has started. */

export interface Greeted {
  /** All addresses at which the service can be reached. The first one works on this machine. */
  urls: string[];
  publicUrl: string | undefined;
  /** The one-time link for the first admin. */
  firstLink: string | undefined;
  fingerprint: string;
  data: string;
  agentAccess: string;
  /** True if the service runs on this terminal. */
  isForeground: boolean;
}

export interface Terminal {
  columns: number;
  isColoured: boolean;
  /** True if the terminal shows the characters of a QR code. */
  isUnicode: boolean;
}

const BOLD = 1;
const MARGIN = '  ';

/** The width of the column of names. On a terminal that is narrower than `NARROW`, each value has its own line. */
const NAME_COLUMNS = 16;
const NARROW = 72;

/** Returns the text, with an empty line before and after it. */
export function greeting(greeted: Greeted, terminal: Terminal): string {
  const { urls, firstLink, fingerprint, data } = greeted;
  const home = consoleOf(greeted);
  const others = urls.filter((url) => url !== home);
  const rows: [string, string][] = [
    ['Console', home],
    ...others.map((url, at): [string, string] => [at === 0 ? 'Also at' : '', url]),
    ...(firstLink === undefined
      ? []
      : [['First admin', home + new URL(firstLink).pathname] satisfies [string, string]]),
    ['Agents', `${home}/ioto/serialize`],
    ['In ioto.json5', `services: { serialize: 'factory' }, api: { serialize: '${home}/ioto/serialize' }`],
    ['Data folder', data],
    ['Signing key', fingerprint],
  ];
  return [
    '',
    `${MARGIN}${bold(`Claimstamp ${version}`, terminal)}`,
    ...wrapped('Gives each device on the line its own Claim ID.', terminal),
    '',
    ...rows.flatMap(([name, value]) => row(name, value, terminal)),
    ...code(home, terminal),
    '',
    `${MARGIN}${bold('What to do next', terminal)}`,
    ...next(greeted, home).flatMap((step, at) => shownStep(at + 1, step, terminal)),
    '',
    '',
  ].join('\n');
}

/** The address for people: the public one, else one that other machines can reach, else the one of this machine. */
function consoleOf({ urls, publicUrl }: Greeted): string {
  const [first = '', second] = urls;
  return (publicUrl ?? second ?? first).replace(/\/$/, '');
}

interface Step {
  text: string;
  /** A command that belongs to the step. */
  command?: string;
}

function next({ firstLink, agentAccess, urls, isForeground }: Greeted, home: string): Step[] {
  const [here = ''] = urls;
  return [
    firstLink === undefined
      ? {
          text: `Sign in at ${home}/sign-in. Without a password, ask an admin for a link:`,
          command: 'claimstamp person link NAME',
        }
      : {
          text: 'Open the link of the first admin, and choose a name and a password. The page Setup then leads to the first label.',
        },
    agentAccess === 'key'
      ? { text: 'Give each station its key. This prints its address:', command: 'claimstamp station key NAME' }
      : {
          text: 'Ask for a Claim ID as a device does:',
          command: `curl -X POST ${here}/ioto/serialize -d '{"product":"DEMO"}'`,
        },
    ...(isForeground ? [{ text: 'To stop the service, press Ctrl-C.' }] : []),
  ];
}

function shownStep(number: number, { text, command }: Step, terminal: Terminal): string[] {
  const lines = wrapped(`${number}. ${text}`, terminal);
  return command === undefined ? lines : [...lines, `${MARGIN}   ${command}`];
}

function row(name: string, value: string, terminal: Terminal): string[] {
  if (terminal.columns >= NARROW) return [`${MARGIN}${bold(name.padEnd(NAME_COLUMNS), terminal)}${value}`];
  return name === ''
    ? [`${MARGIN}${MARGIN}${value}`]
    : [`${MARGIN}${bold(name, terminal)}`, `${MARGIN}${MARGIN}${value}`];
}

/** Breaks sentences between words. Addresses and commands are never broken, so that people can copy them. */
function wrapped(text: string, { columns }: Terminal): string[] {
  const hanging = /^\d\. /.test(text) ? '   ' : '';
  return linesOf(text, columns - MARGIN.length - hanging.length).map(
    (line, n) => `${MARGIN}${n === 0 ? '' : hanging}${line}`,
  );
}

/**
 * Returns a QR code of the console's address, for a phone. Returns nothing if a phone cannot reach the address, or if
 * the terminal has no colours, because the code could then be inverted.
 */
function code(url: string, { columns, isColoured, isUnicode }: Terminal): string[] {
  const { hostname } = new URL(url);
  if (!isColoured || !isUnicode || /^(127\.|localhost$|\[::1\]$)/.test(hostname)) return [];
  const { modules } = QRCode.create(url, { errorCorrectionLevel: 'L' });
  const lines = halfBlocks(
    (x, y) => x >= 0 && y >= 0 && x < modules.size && y < modules.size && modules.get(y, x) !== 0,
    modules.size,
  );
  if (MARGIN.length + (lines[0] ?? '').length > columns) return [];
  return ['', ...lines.map((line) => `${MARGIN}\u001B[30;107m${line}\u001B[0m`)];
}

/** The light margin around a QR code, in modules. ISO/IEC 18004 asks for four; cameras of phones need two. */
const QUIET = 2;

/** Returns the lines of a QR code, in which each character shows two modules, one above the other. */
function halfBlocks(isDark: (x: number, y: number) => boolean, size: number): string[] {
  const lines: string[] = [];
  for (let y = -QUIET; y < size + QUIET; y += 2) {
    let line = '';
    for (let x = -QUIET; x < size + QUIET; x++) line += BLOCKS[(isDark(x, y) ? 2 : 0) + (isDark(x, y + 1) ? 1 : 0)];
    lines.push(line);
  }
  return lines;
}

const BLOCKS = [' ', '\u2584', '\u2580', '\u2588'];

function bold(text: string, { isColoured }: Terminal): string {
  return isColoured && text.trim() !== '' ? `\u001B[${BOLD}m${text}\u001B[0m` : text;
}

/** Describes the terminal of this process. */
export function terminalOf(
  { columns }: Pick<NodeJS.WriteStream, 'columns'>,
  isColoured: boolean,
  { LC_ALL, LC_CTYPE, LANG, TERM }: NodeJS.ProcessEnv = process.env,
): Terminal {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((one) => one !== undefined && one !== '') ?? '';
  return { columns: columns || 80, isColoured, isUnicode: /utf-?8/i.test(locale) && TERM !== 'linux' };
}
