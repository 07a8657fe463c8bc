import { ClaimstampError } from '../platform/error.ts';
import { own } from '../platform/own.ts';

/** A tag in an XML text. The tag's name has no namespace prefix. */
export interface Tag {
  name: string;
  closes: boolean;
  /** True for `<name/>`. */
  empty: boolean;
  attributes: { [name: string]: string };
  /** The text between this tag and the next one. */
  text: string;
}

/** A quoted value may contain ">" but not "<". So the time for a match is proportional to the length of the tag. */
const TAG = /<(\/?)([\w.:-]+)((?:[^<>"']|"[^"<]*"|'[^'<]*')*)>([^<]*)/g;
const ATTRIBUTE = /([\w.:-]+)="([^"]*)"|([\w.:-]+)='([^']*)'/g;

/**
 * Reads the tags of the XML that spreadsheets write. Comments, CDATA, and entities that the document declares are
 * refused, because no spreadsheet program needs them.
 */
export function* readTags(xml: string): Generator<Tag> {
  if (xml.includes('<!'))
    throw new ClaimstampError(
      'invalid',
      'the workbook contains XML that no spreadsheet program writes: save it again as .xlsx',
    );
  for (const [, slash, name = '', rest = '', text = ''] of xml.matchAll(TAG)) {
    const attributes: Tag['attributes'] = {};
    for (const [, first, double, second, single] of rest.matchAll(ATTRIBUTE)) {
      attributes[first ?? second ?? ''] = unescapeXml(double ?? single ?? '');
    }
    const local = name.slice(name.indexOf(':') + 1);
    yield { name: local, closes: slash === '/', empty: rest.endsWith('/'), attributes, text: unescapeXml(text) };
  }
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Also decodes `_x000D_`, which is how spreadsheet programs write characters that XML cannot contain (ST_Xstring). */
function unescapeXml(text: string): string {
  if (!/[&_]/.test(text)) return text;
  return text
    .replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{2,4}));/gi, (all, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return own(NAMED, name) ?? all;
      const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    })
    .replace(/_x([0-9A-F]{4})_/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
