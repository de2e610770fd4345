const SESSION_KEY = 'jitsimesh.session-id';

/** The focus knows this browser's login by it, until it runs out or is ended. */
export const loginSession = {
  get: (): string | null => localStorage.getItem(SESSION_KEY),
  set: (id: string): void => localStorage.setItem(SESSION_KEY, id),
  clear: (): void => localStorage.removeItem(SESSION_KEY),
};
