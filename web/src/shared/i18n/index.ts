// The page's words. English comes with the page; other languages are fetched when chosen, and English stands in until
// they are there.

import { clockIn, lazy } from "./digits";
import english from "./en.json";

export type Key = keyof typeof english;
export type Texts = Readonly<Record<Key, string>>;

/** Every language by its own name, as people look for it. */
export const LANGUAGES = {
  ar: "العربية",
  de: "Deutsch",
  en: "English",
  es: "Español",
  fa: "فارسی",
  fr: "Français",
  he: "עברית",
  ru: "Русский",
  tr: "Türkçe",
  uk: "Українська",
} as const;
export type Language = keyof typeof LANGUAGES;

const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(["ar", "fa", "he"]);
const KEY = "tocsin.language";
const loaders = import.meta.glob<{ default: Texts }>(["./*.json", "!./en.json"]);

export type Say<K extends string> = (key: K, fill?: Readonly<Record<string, string>>) => string;

export interface Words {
  readonly language: Language;
  readonly direction: "ltr" | "rtl";
  /** The text for a key, its {places} filled in. */
  readonly say: Say<Key>;
  number(value: number): string;
  /** "2:31", or "1:02:31"; read left to right in every language. */
  clock(seconds: number): string;
  /** "43 seconds", "3 minutes": the largest unit that says enough. */
  duration(seconds: number): string;
  /** A time of day, hours and minutes, where the reader is. */
  time(ms: number): string;
  hours(count: number): string;
  /** "350 m", "1.4 km". */
  metres(count: number): string;
  /** The same with its day. */
  moment(ms: number): string;
}

export function isLanguage(tag: string): tag is Language {
  return Object.keys(LANGUAGES).includes(tag);
}

/** The first of the wanted languages that the page speaks. */
export function pickLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0] ?? "";
    if (isLanguage(language)) return language;
    if (language === "iw") return "he"; // What old phones call it.
  }
  return "en";
}

export function preferredLanguage(): Language {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // Storage is switched off: the browser's language it is.
  }
  return pickLanguage([...(chosen === null ? [] : [chosen]), ...navigator.languages]);
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // As above.
  }
}

export async function loadTexts(language: Language): Promise<Texts> {
  const load = loaders[`./${language}.json`];
  return load === undefined ? english : (await load()).default;
}

/** Says the texts of one language, or of one page's part of it. */
export function sayer<K extends string>(texts: Readonly<Record<K, string>>): Say<K> {
  return (key, fill = {}) => texts[key].replace(/\{(\w+)\}/g, (whole, name: string) => fill[name] ?? whole);
}

/** The language with the region that the browser is set to: it decides on 12 or 24 hours. */
export function localeOf(language: Language, wanted: readonly string[] = navigator.languages): string {
  const own = wanted.find((tag) => tag.toLowerCase().split("-")[0] === language && tag.includes("-"));
  const region = wanted.map((tag) => /-([A-Z]{2}|\d{3})\b/.exec(tag)?.[1]).find(Boolean);
  return own ?? (region === undefined ? language : `${language}-${region}`);
}

export function wordsOf(language: Language, texts: Texts = english): Words {
  const plain = lazy(() => new Intl.NumberFormat(language));
  const unit = (name: string) =>
    lazy(() => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long" }));
  const [seconds, minutes, hours, days] = [unit("second"), unit("minute"), unit("hour"), unit("day")];
  const short = (name: string) => lazy(() => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }));
  const [metre, kilometre] = [short("meter"), short("kilometer")];
  const times = (options: Intl.DateTimeFormatOptions) =>
    lazy(() => {
      const { numberingSystem } = plain().resolvedOptions();
      return new Intl.DateTimeFormat(localeOf(language), { ...options, hour: "2-digit", minute: "2-digit", numberingSystem });
    });
  const [time, moment] = [times({}), times({ weekday: "short", day: "numeric", month: "short" })];
  return {
    language,
    direction: RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr",
    say: sayer(texts),
    number: (value) => plain().format(value),
    clock: clockIn(language),
    duration: (total) => {
      if (total < 120) return seconds().format(Math.floor(total));
      if (total < 7200) return minutes().format(Math.floor(total / 60));
      return total < 172_800 ? hours().format(Math.floor(total / 3600)) : days().format(Math.floor(total / 86_400));
    },
    time: (ms) => time().format(ms),
    hours: (count) => hours().format(count),
    metres: (count) =>
      count < 1_000 ? metre().format(Math.ceil(count / 10) * 10) : kilometre().format(Math.round(count / 100) / 10),
    moment: (ms) => moment().format(ms),
  };
}

export const ENGLISH = wordsOf("en");
