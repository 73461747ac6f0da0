// My places: kept on this device with what they are called and judged by, so that they are known without outlines.

import { recall, remember } from "./kept";
import { type Cities, contains, type Zone, type Zones, zonesAt } from "./outlines";
import { zonesOf } from "./place";

export interface MyPlace {
  readonly id: string;
  readonly names: Zone["names"];
  /** Ids of the zones it is judged by. */
  readonly zones: readonly string[];
  /** A point in it: zones are re-cut at times, and then it is looked for here. Longitude, latitude in degrees. */
  readonly at: readonly [number, number] | null;
  /** Seconds that I need from here to being inside; null: what its zone says. */
  readonly insideS: number | null;
}

export const PLACES_MAX = 12;
const KEY = "tocsin.places";
// What a page of an older version kept: one id.
const OLD_KEY = "tocsin.place";
const INSIDE_S_MAX = 3_600;

/** A hundred metres: enough to find the zone again, and no address. */
const rounded = (deg: number): number => Math.round(deg * 1_000) / 1_000;

/** A point in a zone: its middle, or a corner where the middle lies outside. */
function pointIn(zone: Zone): readonly [number, number] | null {
  const [west, south, east, north] = zone.box;
  const middle = [(west + east) / 2, (south + north) / 2] as const;
  if (contains(zone, ...middle)) return middle;
  const ring = zone.polygons[0]?.[0] ?? [];
  // Half-way between opposite corners lies inside more often than not.
  for (let i = 0; i < ring.length / 2; i++) {
    const [a, b] = [ring[i], ring[i + Math.floor(ring.length / 2)]];
    if (a === undefined || b === undefined) break;
    const between = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] as const;
    if (contains(zone, ...between)) return between;
  }
  return ring[0] ?? middle;
}

export function placeOf(id: string, zones: Zones, cities: Cities, at: MyPlace["at"] = null): MyPlace {
  const zone = zones.get(id) ?? cities.get(id);
  const point = at ?? (zone === undefined || zone.polygons.length === 0 ? null : pointIn(zone));
  return {
    id,
    names: zone?.names ?? id,
    zones: zonesOf(id, zones, cities),
    at: point === null ? null : [rounded(point[0]), rounded(point[1])],
    insideS: null,
  };
}

/** The places with what the newest outlines say of them; one whose zone is gone is the zone that lies there now. */
export function renewed(places: readonly MyPlace[], zones: Zones, cities: Cities): readonly MyPlace[] {
  if (zones.size === 0) return places;
  const after = places.map((place) => {
    if (zones.has(place.id) || cities.has(place.id)) {
      return { ...placeOf(place.id, zones, cities, place.at), insideS: place.insideS };
    }
    const here = place.at === null ? undefined : zonesAt(zones, ...place.at)[0];
    return here === undefined ? place : { ...placeOf(here.id, zones, cities, place.at), insideS: place.insideS };
  });
  const once = after.filter(({ id }, i) => after.findIndex((other) => other.id === id) === i);
  return JSON.stringify(once) === JSON.stringify(places) ? places : once;
}

/** Whether a place can still be told of: its zone is served, or the outlines are not there yet. */
export function isGone(place: MyPlace, zones: Zones, cities: Cities): boolean {
  return zones.size > 0 && !zones.has(place.id) && !cities.has(place.id);
}

export function added(places: readonly MyPlace[], place: MyPlace): readonly MyPlace[] {
  return places.some(({ id }) => id === place.id) ? places : [place, ...places].slice(0, PLACES_MAX);
}

function placeFrom(value: unknown): MyPlace[] {
  const { id, names, zones, at, insideS } = (value ?? {}) as Record<string, unknown>;
  if (typeof id !== "string" || id === "") return [];
  const whole = typeof names === "string" || (typeof names === "object" && names !== null);
  const point = Array.isArray(at) && at.length === 2 && at.every((deg) => typeof deg === "number" && Number.isFinite(deg));
  const s = typeof insideS === "number" && insideS >= 0 && insideS <= INSIDE_S_MAX ? insideS : null;
  const ids = Array.isArray(zones) ? zones.filter((zone) => typeof zone === "string") : [];
  return [
    {
      id,
      names: whole ? (names as Zone["names"]) : id,
      zones: ids.length > 0 ? ids : [id],
      at: point ? (at as unknown as readonly [number, number]) : null,
      insideS: s,
    },
  ];
}

export function rememberedPlaces(): readonly MyPlace[] {
  const kept = recall(KEY);
  if (Array.isArray(kept)) return kept.slice(0, PLACES_MAX).flatMap(placeFrom);
  try {
    const id = localStorage.getItem(OLD_KEY);
    return id === null ? [] : placeFrom({ id });
  } catch {
    return [];
  }
}

export function rememberPlaces(places: readonly MyPlace[]): void {
  remember(KEY, places);
  remember(OLD_KEY, null);
}
