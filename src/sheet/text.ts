import type { Problem } from './problem.ts';

/** The text of a file, or the lines that cannot be read as text. */
export type Decoded = { text: string; encoding: string; problems?: never } | { problems: Problem[] };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes a text file: UTF-8, or UTF-16 as in Excel's "Unicode text". If a file has another encoding, it does not say
 * which one. A wrong guess could change names, and no one would notice. So lines that are not UTF-8 are refused.
 */
export function decodeText(bytes: Buffer): Decoded {
  const wide = wideOrder(bytes);
  if (wide !== undefined) return decodeWide(bytes, wide);
  const bare = bytes.subarray(0, 3).equals(UTF8_MARK) ? bytes.subarray(3) : bytes;
  try {
    return noControls({ text: utf8.decode(bare), encoding: bare === bytes ? 'UTF-8' : 'UTF-8 with BOM' });
  } catch {
    return { problems: badLines(bare) };
  }
}

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Returns the byte order of a UTF-16 file, which has a byte order mark or a zero byte in its first character. */
function wideOrder(bytes: Buffer): 'LE' | 'BE' | undefined {
  const [first = 1, second = 1] = bytes;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'LE';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return 'BE';
  return undefined;
}

function decodeWide(bytes: Buffer, order: 'LE' | 'BE'): Decoded {
  const even = bytes.subarray(0, bytes.length - (bytes.length % 2));
  const text = (order === 'LE' ? even : Buffer.from(even).swap16()).toString('utf16le').replace(/^\ufeff/, '');
  const bad = text.search(/\p{Cs}/u);
  if (bad >= 0 || even.length !== bytes.length) {
    const line = lineAt(text, bad < 0 ? text.length : bad);
    return { problems: [{ line, cause: 'not-utf8', why: `the text is broken UTF-16: ${SAVE_AGAIN}` }] };
  }
  return noControls({ text, encoding: `UTF-16 ${order}` });
}

function noControls({ text, encoding }: { text: string; encoding: string }): Decoded {
  // DOS programs end a file with Ctrl-Z.
  const end = text.trimEnd();
  const read = { text: end.endsWith('\u001a') ? end.slice(0, -1) : text, encoding };
  const other = read.text.search(ISO_2022);
  if (other >= 0) return { problems: [notUtf8(lineAt(read.text, other))] };
  const at = read.text.indexOf('\0');
  if (at < 0) return read;
  return {
    problems: [{ line: lineAt(read.text, at), cause: 'not-text', why: `this is not a text file: ${SAVE_AGAIN}` }],
  };
}

/** ISO-2022-JP and its relatives write all characters as ASCII, after an escape sequence. */
const ISO_2022 = new RegExp(String.raw`\u001b\$?[()@AB]`);

function notUtf8(line: number): Problem {
  return { line, cause: 'not-utf8', why: `a character is not in UTF-8: ${SAVE_AGAIN}` };
}

const SAVE_AGAIN = 'save the sheet again as "CSV UTF-8" or as .xlsx';

/**
 * In UTF-8, every byte of a multi-byte character is above 0x7f. So the line ends can be found before the text is
 * decoded.
 */
function badLines(bytes: Buffer): Problem[] {
  const problems: Problem[] = [];
  const lines = bytes.toString('latin1').split(LINE_END);
  for (const [index, line] of lines.entries()) {
    try {
      utf8.decode(Buffer.from(line, 'latin1'));
    } catch {
      problems.push(notUtf8(index + 1));
    }
  }
  return problems;
}

/** Matches the line ends of Windows, Unix and old Macs. */
export const LINE_END = /\r\n|\r|\n/;

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split(LINE_END).length;
}
