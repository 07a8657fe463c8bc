/**
 * The maximum depth of nesting. No body or file of this service needs this many levels. V8 can parse JSON with more
 * levels, but JSON.stringify would overflow the stack.
 */
export const MAX_NESTING = 32;

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}');

/** True if the lists and objects in a JSON text (RFC 8259) are nested deeper than MAX_NESTING levels. */
export function isNestedTooDeep(json: Uint8Array): boolean {
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (isInString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > MAX_NESTING) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
  }
  return false;
}
