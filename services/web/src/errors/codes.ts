import codes from './codes.json';

/**
 * What people can be told of, each with the code that an operator finds in docs/errors.md. The table is codes.json: a code is never used again for
 * something else, and tests hold it against the texts of the page, docs/errors.md and what the services say.
 */
export type ErrorKey = keyof typeof codes;

export const errorCodes: Readonly<Record<ErrorKey, string>> = codes;

const keys = new Map(Object.entries(codes).map(([key, code]) => [code, key as ErrorKey]));

export const isErrorKey = (key: string): key is ErrorKey => Object.hasOwn(codes, key);

/** What a code that a server sent means; null when it is none of this table. */
export const keyOfCode = (code: string | null): ErrorKey | null => (code === null ? null : (keys.get(code) ?? null));

/** A sentence with its code behind it, where there is no place of its own for the code. */
export const withCode = (text: string, key: ErrorKey): string => `${text} (${errorCodes[key]})`;
