import { isGtin } from '../model/scan/gs1.ts';
import { refusal } from '../platform/error.ts';
import type { LabelData } from '../contract/labels.ts';
import { isMatterPayload } from './matter.ts';
import { revealed } from './revealed.ts';
import { fill, isPublic, type CodeBox } from './template.ts';

/*
 * Fills the text of a code, and checks it against the code's standard. A public code never contains the Claim ID. If a
 * template has a placeholder for the Claim ID in a public code, the template is refused when it is read. A value that
 * equals the Claim ID is refused before the label is drawn.
 */

/** Returns undefined if a placeholder has no value. Throws `label-unprintable` if the content violates the standard. */
export function contentOf(box: CodeBox, data: LabelData): string | undefined {
  const text = fill(box.text, data, insertOf(box));
  if (text === undefined || text === '') return undefined;
  if (isPublic(box)) refuseRevealed(text, data);
  if ('frame' in box && box.frame !== undefined) checkLink(text);
  if ('content' in box && box.content === 'gs1-link') checkDigitalLink(text);
  if ('content' in box && box.content === 'matter' && !isMatterPayload(text))
    throw refusal('label-unprintable', 'matter');
  return text;
}

function refuseRevealed(text: string, data: LabelData): void {
  const secret = revealed(text, data);
  if (secret === 'claimId') throw refusal('label-unprintable', 'publicClaimId');
  if (secret === 'passcode') throw refusal('label-unprintable', 'publicPasscode');
}

/** Returns the function that escapes values, so that no character of a value has a special meaning in the text. */
function insertOf(box: CodeBox): ((value: string) => string) | undefined {
  if (box.type === 'gs1-datamatrix' || box.type === 'gs1-128') return withoutBrackets;
  // If a placeholder stands for the complete address, its value is not escaped.
  return isPublic(box) && /^https?:/i.test(box.text) ? encodeURIComponent : undefined;
}

/** Refuses a value with brackets, because readers would take them for the beginning of another field. */
function withoutBrackets(value: string): string {
  if (/[()]/.test(value)) throw refusal('label-unprintable', 'gs1Brackets', { value });
  return value;
}

/** IEC 61406-1, ILS-5: the maximum number of characters in an identification link. */
const MAX_LINK = 255;

/** ILS-6 to ILS-8: a URL (RFC 3986) whose scheme and host are in lowercase. */
const LINK = /^https?:\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?\/[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]+$/;

function checkLink(text: string): void {
  if (text.length > MAX_LINK) throw refusal('label-unprintable', 'linkLong', { max: MAX_LINK, length: text.length });
  if (!LINK.test(text)) throw refusal('label-unprintable', 'link');
}

/**
 * The maximum number of characters in a GS1 serial number, application identifier 21 (GS1 General Specifications,
 * section 3.5.2).
 */
export const MAX_GS1_SERIAL = 20;

/** A GTIN, then in this order: consumer product variant, batch, serial number (GS1 Digital Link URI syntax, 4.6). */
const DIGITAL_LINK =
  /^https?:\/\/[^/?#]+(?:\/[^?#]*?)??\/01\/(\d{14})(?:\/22\/[^/?#]+)?(?:\/10\/[^/?#]+)?(?:\/21\/([^/?#]+))?(?:[?#].*)?$/i;

/** Character set 82 (GS1 General Specifications, figure 7.11-1). */
const CHARACTERS = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/;

function checkDigitalLink(text: string): void {
  const [, gtin, serial] = DIGITAL_LINK.exec(text) ?? [];
  if (gtin === undefined) throw refusal('label-unprintable', 'digitalLink');
  if (!isGtin(gtin)) throw refusal('label-unprintable', 'gtin', { gtin });
  if (serial === undefined) return;
  const plain = decoded(serial);
  if (plain.length > MAX_GS1_SERIAL || !CHARACTERS.test(plain))
    throw refusal('label-unprintable', 'gs1Serial', { max: MAX_GS1_SERIAL, serial: plain });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
