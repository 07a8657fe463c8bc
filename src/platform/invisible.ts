/**
 * Characters that people cannot see. These are control and format characters (such as a zero-width space or a
 * direction mark), all spaces except the usual one, and halves of surrogate pairs. Such characters often come with
 * copied text.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

export interface Invisible {
  /** For example `U+200B`. */
  character: string;
  /** The position in the text, counted from 1. */
  position: number;
}

/** Returns the first invisible character in the text. */
export function invisibleIn(text: string): Invisible | undefined {
  for (const [index, character] of Array.from(text).entries()) {
    if (!INVISIBLE.test(character)) continue;
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return { character: `U+${code}`, position: index + 1 };
  }
  return undefined;
}

/** Characters that may be before or after a value but are never part of it: white space and format characters. */
const AROUND = /[\s\p{Cf}\p{Z}]/u;

/**
 * Removes white space and invisible format characters from both ends of a text. Copying a text often adds such
 * characters.
 */
export function trimInvisible(text: string): string {
  const characters = Array.from(text);
  const begin = characters.findIndex((one) => !AROUND.test(one));
  const end = characters.findLastIndex((one) => !AROUND.test(one));
  return begin < 0 ? '' : characters.slice(begin, end + 1).join('');
}
