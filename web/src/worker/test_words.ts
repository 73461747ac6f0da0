// What a test says, in every language: it must be understood where no page is open to say it.

import { test_body as arBody, test_title as arTitle } from "../shared/i18n/ar.json";
import { test_body as deBody, test_title as deTitle } from "../shared/i18n/de.json";
import { test_body as enBody, test_title as enTitle } from "../shared/i18n/en.json";
import { test_body as esBody, test_title as esTitle } from "../shared/i18n/es.json";
import { test_body as faBody, test_title as faTitle } from "../shared/i18n/fa.json";
import { test_body as frBody, test_title as frTitle } from "../shared/i18n/fr.json";
import { test_body as heBody, test_title as heTitle } from "../shared/i18n/he.json";
import { test_body as ruBody, test_title as ruTitle } from "../shared/i18n/ru.json";
import { test_body as trBody, test_title as trTitle } from "../shared/i18n/tr.json";
import { test_body as ukBody, test_title as ukTitle } from "../shared/i18n/uk.json";
import type { Language } from "../shared/i18n";

export const TESTS: Readonly<Record<Language, { readonly title: string; readonly body: string }>> = {
  ar: { title: arTitle, body: arBody },
  de: { title: deTitle, body: deBody },
  en: { title: enTitle, body: enBody },
  es: { title: esTitle, body: esBody },
  fa: { title: faTitle, body: faBody },
  fr: { title: frTitle, body: frBody },
  he: { title: heTitle, body: heBody },
  ru: { title: ruTitle, body: ruBody },
  tr: { title: trTitle, body: trBody },
  uk: { title: ukTitle, body: ukBody },
};
