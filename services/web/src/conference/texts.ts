import { ClientLimits } from './limits';

/** The first code points of a text: a cut never leaves half a character. */
export function limited(text: string, codePoints: number): string {
  if (text.length <= codePoints) return text;
  let end = 0;
  for (let count = 0; count < codePoints && end < text.length; count++) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
}

/** Control characters, and those that turn the direction of the text that comes after a name. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A display name in one line. */
export function cleanName(text: string): string {
  return limited(text.replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim(), ClientLimits.nameLength);
}
