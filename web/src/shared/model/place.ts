// "My place": which zones it is, how they stand, and what may be said about it.

import { beside } from "./beside";
import type { ZoneState } from "./messages";
import type { Cities, Zones } from "./outlines";
import { blindZones, type Picture } from "./picture";
import { isBlind, type Trust, type Word, wordsOf } from "./trust";
import { mostUrgent } from "./urgency";

export interface Standing {
  readonly word: Word;
  /** The warning shown is the last one known; it may have changed since. */
  readonly lastKnown: boolean;
  /** The line works, but the service may be blind in this place. */
  readonly degraded: boolean;
  readonly lessTime: boolean;
  readonly state: ZoneState | null;
  /** A warning that ran out while nobody could say whether it still holds. */
  readonly ranOut: ZoneState | null;
}

/** A zone and the zones it is part of: a warning for the region is a warning for its towns. */
export function withParents(zone: string, zones: Zones): string[] {
  const ids: string[] = [];
  for (let id: string | null = zone; id !== null && !ids.includes(id); id = zones.get(id)?.parent ?? null) ids.push(id);
  return ids;
}

/** The zones a place is judged by: a city's districts; else the zone and what it is part of. */
export function zonesOf(place: string, zones: Zones, cities: Cities): readonly string[] {
  return zones.has(place) ? withParents(place, zones) : (cities.get(place)?.parts ?? [place]);
}

/** How a place stands: as the gravest of its zones does, and never calm where one of them is in doubt. */
export function standing(ids: readonly string[], picture: Picture | null, trust: Trust, nowMs: number | null = null): Standing {
  const states = ids.map((id) => picture?.zones.get(id)).filter((state) => state !== undefined);
  const state = mostUrgent(states);
  if (picture === null || state === null) {
    return { word: "unknown", lastKnown: false, degraded: false, lessTime: false, state: null, ranOut: null };
  }
  const wordOf = wordsOf(picture, trust, nowMs);
  const words = states.map(wordOf);
  const raised = state.level === "take_cover" || state.level === "prepare";
  const warned = raised && wordOf(state) !== "unknown";
  const blind = blindZones(picture);
  return {
    word: !warned && (raised || words.includes("unknown")) ? "unknown" : state.level,
    lastKnown: isBlind(trust) && warned,
    degraded: !isBlind(trust) && states.some(({ zone }) => blind.has(zone)),
    lessTime: states.some((one) => one.lessTime),
    state,
    ranOut: raised && !warned ? state : null,
  };
}

/** The zones next to a place, or to where it lies now, that are told to take cover while the place itself is not. */
export function nextDoor(ids: readonly string[], word: Word, picture: Picture | null, zones: Zones): readonly string[] {
  if (word === "take_cover" || picture === null) return [];
  return beside(ids, zones).filter((id) => picture.zones.get(id)?.level === "take_cover");
}
