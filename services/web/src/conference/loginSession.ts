const SESSION_KEY = 'jitsimesh.session-id';

/** Where the browser keeps nothing (a frame in another site, a private window) the login lasts as long as the page. */
let unkept: string | null = null;

/** The focus knows this browser's login by it, until it runs out or is ended. */
export const loginSession = {
  get(): string | null {
    try {
      return localStorage.getItem(SESSION_KEY) ?? unkept;
    } catch {
      return unkept;
    }
  },
  set(id: string): void {
    try {
      localStorage.setItem(SESSION_KEY, id);
    } catch {
      unkept = id;
    }
  },
  clear(): void {
    unkept = null;
    try {
      localStorage.removeItem(SESSION_KEY);
    } catch {
      // Nothing was kept.
    }
  },
};
