/* Log lines for people: the time of day, the level, the message, then the other values. */

interface Line {
  level: number;
  time: string;
  msg?: string;
  err?: { stack?: string; message?: string };
  [name: string]: unknown;
}

/** The levels of pino, with the codes of their colours (ECMA-48, SGR). */
const LEVELS: Record<number, { name: string; colour: number }> = {
  10: { name: 'TRACE', colour: 2 },
  20: { name: 'DEBUG', colour: 2 },
  30: { name: 'INFO', colour: 32 },
  40: { name: 'WARN', colour: 33 },
  50: { name: 'ERROR', colour: 31 },
  60: { name: 'FATAL', colour: 31 },
};
const DIM = 2;

/** Formats a line of the log for a terminal. `json` is one line as pino writes it. */
export function logText(json: string, isColoured: boolean): string {
  const { level, time, msg = '', err, ...values }: Line = JSON.parse(json);
  const paint = (code: number, text: string): string => (isColoured ? `\u001B[${code}m${text}\u001B[0m` : text);
  const { name = String(level), colour = DIM } = LEVELS[level] ?? {};
  const rest = Object.entries(values).map(([key, value]) => ` ${paint(DIM, `${key}=`)}${shown(value)}`);
  const trace = err === undefined ? '' : `\n  ${lines(err.stack ?? err.message ?? JSON.stringify(err)).join('\n  ')}`;
  return `${paint(DIM, clockTime(time))} ${paint(colour, name.padEnd(5))} ${visible(msg)}${rest.join('')}${trace}\n`;
}

function clockTime(iso: string): string {
  const at = new Date(iso);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

function shown(value: unknown): string {
  if (typeof value !== 'string') return visible(JSON.stringify(value));
  const isPlain = /^[^\s"=]+$/u.test(value);
  return visible(isPlain ? value : JSON.stringify(value));
}

function lines(text: string): string[] {
  return text.split('\n').map(visible);
}

/** A request can contain characters that control a terminal. None of these characters may reach the terminal. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export function visible(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
