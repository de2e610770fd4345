const QUALITIES =
  'Calm Bright Gentle Quick Happy Clear Brave Kind Sunny Quiet Merry Wise Lively Golden Silver Early'.split(' ');
const THINGS =
  'River Garden Harbour Meadow Window Bridge Lantern Forest Island Valley Orchard Tower Market Station'.split(' ');
const ACTS = 'Sings Shines Wakes Grows Listens Wanders Rests Dances Opens Returns Glows Turns'.split(' ');

const pick = (words: readonly string[]): string => {
  const value = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  return words[value % words.length] ?? '';
};

/** A room name that one can read out on the phone. The digits keep two groups from meeting by chance. */
export function suggestRoom(): string {
  const digits = (crypto.getRandomValues(new Uint16Array(1))[0] ?? 0) % 1000;
  return `${pick(QUALITIES)}${pick(THINGS)}${pick(ACTS)}${String(digits).padStart(3, '0')}`;
}
