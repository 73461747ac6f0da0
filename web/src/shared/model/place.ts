// "My place": which zones it is, how they stand, and what may be said about it. Only zone ids are remembered, on this
// device; a position is compared here and goes nowhere.

import type { Level, ZoneState } from "./messages";
import type { Zones } from "./outlines";
import { blindZones, type Picture } from "./picture";
import { isBlind, type Trust } from "./trust";
import { mostUrgent } from "./urgency";

const KEY = "tocsin.place";

/** `unknown`: we may be blind, so neither "no warning" nor "all clear" may be said. */
export type Word = Level | "unknown";

export interface Standing {
  readonly word: Word;
  /** The warning shown is the last one known; it may have changed since. */
  readonly lastKnown: boolean;
  /** The line works, but the service may be blind in this place. */
  readonly degraded: boolean;
  readonly state: ZoneState | null;
}

/** A zone and the zones it is part of: a warning for the region is a warning for its towns. */
export function withParents(zone: string, zones: Zones): string[] {
  const ids: string[] = [];
  for (let id: string | null = zone; id !== null && !ids.includes(id); id = zones.get(id)?.parent ?? null) ids.push(id);
  return ids;
}

/** How a place stands. Blindness turns calm into "unknown", never a warning into calm. */
export function standing(ids: readonly string[], picture: Picture | null, trust: Trust): Standing {
  const states = ids.map((id) => picture?.zones.get(id)).filter((state) => state !== undefined);
  const state = mostUrgent(states);
  if (picture === null || state === null) return { word: "unknown", lastKnown: false, degraded: false, state: null };
  const blind = blindZones(picture);
  const degraded = !isBlind(trust) && states.some(({ zone }) => blind.has(zone));
  const doubtful = isBlind(trust) || degraded;
  const calm = state.level === "none" || state.level === "all_clear";
  return { word: doubtful && calm ? "unknown" : state.level, lastKnown: isBlind(trust) && !calm, degraded, state };
}

export function rememberedPlace(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // Storage is switched off: the page works, it just forgets.
  }
}

export function rememberPlace(zone: string | null): void {
  try {
    if (zone === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, zone);
  } catch {
    // As above.
  }
}
