// What makes this device silent: a pause, which ends by itself, and "I am safe", which ends when something new comes.
// Page and service worker share it, and every page of this device: who has said it once is not asked again.

import type { Word } from "./trust";

/** What was said of a place when somebody said that he is safe there. */
export interface Said {
  readonly word: Word;
  readonly sinceMs: number | null;
}

/** When he said it, by this device's clock. */
export interface Safe extends Said {
  readonly atMs: number;
}

export interface Quiet {
  readonly pausedUntilMs: number;
  /** By id of the place. */
  readonly safe: Readonly<Record<string, Safe>>;
  /** Zones of the places where somebody is safe: the service worker knows no places. */
  readonly safeZones: readonly string[];
}

export const LOUD: Quiet = { pausedUntilMs: 0, safe: {}, safeZones: [] };
// Nobody shall find out next week that it was never switched on again.
export const PAUSE_MS_MAX = 12 * 3_600_000;

// A raid lasts hours; where nobody saw its end, what was said in it must not silence the next.
export const SAFE_MS_MAX = 2 * 3_600_000;

const GRAVITY: Readonly<Record<Word, number>> = { take_cover: 3, prepare: 2, unknown: 1, all_clear: 0, none: 0 };

export const isPaused = (quiet: Quiet, nowMs: number): boolean =>
  nowMs < quiet.pausedUntilMs && quiet.pausedUntilMs - nowMs <= PAUSE_MS_MAX;

/** Whether it was said in this raid, as far as a clock can tell: one that was set back does not make it longer. */
const isLately = (safe: Safe, nowMs: number): boolean => Math.abs(nowMs - safe.atMs) < SAFE_MS_MAX;

/** Whether somebody is safe in all of these zones; where nobody saw the raid's end, only as long as a raid lasts. */
export function areSafe(zones: readonly string[] | undefined, quiet: Quiet, nowMs: number): boolean {
  if (zones === undefined || zones.length === 0) return false;
  return zones.every((zone) => quiet.safeZones.includes(zone)) && Object.values(quiet.safe).some((safe) => isLately(safe, nowMs));
}

/** Whether a place is said to be safe, and nothing new has come since. */
export function isSafe(safe: Safe | undefined, said: Said, nowMs: number): boolean {
  if (safe === undefined || !isLately(safe, nowMs) || (said.word !== "take_cover" && said.word !== "prepare" && said.word !== "unknown")) return false;
  if (GRAVITY[said.word] > GRAVITY[safe.word]) return false;
  // The same word of a later time is another raid.
  return !(said.word === safe.word && said.sinceMs !== null && safe.sinceMs !== null && said.sinceMs > safe.sinceMs);
}

/** Whether a change of what is said of a place shall be heard. `before`: null: nothing was said before. */
export function isNews(before: Said | null, after: Said, safe: Safe | undefined, nowMs: number): boolean {
  if (before === null) return false;
  const warned = after.word === "take_cover" || after.word === "prepare";
  const again = warned && before.sinceMs !== null && after.sinceMs !== null && after.sinceMs > before.sinceMs;
  if (before.word === after.word && !again) return false;
  if (after.word === "none") return false;
  return !isSafe(safe, after, nowMs);
}

const CALM: Said = { word: "none", sinceMs: null };
const isWarned = (said: Said): boolean => said.word === "take_cover" || said.word === "prepare";

/**
 * What counts as said last while a pause lasts: a warning that begins in it is news when it ends. So is one whose
 * place nobody had looked at before; one that ends in it is over.
 */
export function awaited(last: ReadonlyMap<string, Said>, said: ReadonlyMap<string, Said>): ReadonlyMap<string, Said> {
  return new Map([...said].map(([id, now]) => [id, isWarned(now) ? (last.get(id) ?? CALM) : now]));
}

/** What is left of it once places are clear: whoever was safe in the last raid has said nothing of the next. */
export function settled(quiet: Quiet, places: readonly { id: string; zones: readonly string[]; word: Word }[]): Quiet {
  const over = places.filter(({ id, word }) => quiet.safe[id] !== undefined && (word === "all_clear" || word === "none"));
  if (over.length === 0) return quiet;
  const safe = Object.fromEntries(Object.entries(quiet.safe).filter(([id]) => !over.some((place) => place.id === id)));
  return { ...quiet, safe, safeZones: quiet.safeZones.filter((zone) => !over.some(({ zones }) => zones.includes(zone))) };
}

/** The gravest of several words that are news at once. */
export function gravest(words: readonly Word[]): Word | null {
  return words.reduce<Word | null>((worst, word) => (worst === null || GRAVITY[word] > GRAVITY[worst] ? word : worst), null);
}
