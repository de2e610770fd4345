import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from './en.json';

/** English is built in; another language is a file beside it, and an entry in `resources`. */
void i18next.use(initReactI18next).init({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en: { translation: en } },
  interpolation: { escapeValue: false },
  initAsync: false,
  showSupportNotice: false,
} as Parameters<typeof i18next.init>[0]);

export const t = i18next.t.bind(i18next);
export default i18next;
