// My places: kept on this device with what they are called and judged by, so that they are known without outlines.

import { recall, remember } from "./kept";
import { type Cities, contains, type Zone, type Zones, zonesAt } from "./outlines";
import { withParents, zonesOf } from "./place";

/** Longitude, latitude in degrees. */
export type Point = readonly [number, number];

export interface MyPlace {
  readonly id: string;
  readonly names: Zone["names"];
  /** Ids of the zones it is judged by. */
  readonly zones: readonly string[];
  /** A point in it: zones are re-cut at times, and then it is looked for here. */
  readonly at: Point | null;
  /** Chosen by its name: points all over it, for of a zone that is re-cut any part may be mine. null: I am at `at`. */
  readonly over: readonly Point[] | null;
  /** Seconds that I need from here to being inside; null: what its zone says. */
  readonly insideS: number | null;
}

export const PLACES_MAX = 12;
export const PLACES_KEY = "tocsin.places";
// What a page of an older version kept: one id.
const OLD_KEY = "tocsin.place";
const INSIDE_S_MAX = 3_600;
// So many points from side to side, and from south to north, of those that lie within; and of all of a city's districts.
const OVER = 5;
const OVER_MAX = 100;

/** A hundred metres: enough to find the zone again, and no address. */
const rounded = (deg: number): number => Math.round(deg * 1_000) / 1_000;

/** A point in a zone: its middle, or a corner where the middle lies outside. */
function pointIn(zone: Zone): Point | null {
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

/** Points all over some zones, a few for each. */
function pointsOver(ids: readonly string[], zones: Zones): Point[] {
  const points = ids.flatMap((id) => {
    const zone = zones.get(id);
    if (zone === undefined) return [];
    const [west, south, east, north] = zone.box;
    const steps = Array.from({ length: OVER }, (_, k) => (k + 0.5) / OVER);
    const grid = steps.flatMap((x) => steps.map((y): Point => [west + x * (east - west), south + y * (north - south)]));
    return grid.filter((point) => contains(zone, ...point));
  });
  // Of a city with many districts each keeps a few.
  const every = Math.ceil(points.length / OVER_MAX);
  return points.filter((_, k) => k % every === 0).map(([lon, lat]) => [rounded(lon), rounded(lat)]);
}

/** A place of that id. `at`: where I am, where the device told that; else it is all of what bears its name. */
export function placeOf(id: string, zones: Zones, cities: Cities, at: Point | null = null): MyPlace {
  const zone = zones.get(id) ?? cities.get(id);
  const point = at ?? (zone === undefined || zone.polygons.length === 0 ? null : pointIn(zone));
  return {
    id,
    names: zone?.names ?? id,
    zones: zonesOf(id, zones, cities),
    at: point === null ? null : [rounded(point[0]), rounded(point[1])],
    over: at === null ? pointsOver(cities.get(id)?.parts ?? [id], zones) : null,
    insideS: null,
  };
}

/**
 * A place as the newest outlines have it. Where I am decides, where that is known; else the name does, and what lies now
 * where it lay is mine as well: nobody shall go unwarned because a border was moved.
 */
function anew(place: MyPlace, zones: Zones, cities: Cities): MyPlace {
  const holds = (id: string, point: Point) => (cities.get(id)?.parts ?? [id]).some((one) => zones.has(one) && contains(zones.get(one) as Zone, ...point));
  const here = place.at === null ? undefined : zonesAt(zones, ...place.at)[0]?.id;
  const served = zones.has(place.id) || cities.has(place.id);
  const left = place.over === null && place.at !== null && here !== undefined && !holds(place.id, place.at);
  const id = served && !left ? place.id : here;
  if (id === undefined) return place;
  const now = placeOf(id, zones, cities, place.at);
  if (place.over === null) return { ...now, insideS: place.insideS };
  const over = place.over.length > 0 ? place.over : pointsOver(cities.get(id)?.parts ?? [id], zones);
  const outside = over.filter((point) => !holds(id, point)).flatMap((point) => zonesAt(zones, ...point));
  const all = [...now.zones, ...outside.flatMap((zone) => withParents(zone.id, zones))];
  return { ...now, over, zones: [...new Set(all)], insideS: place.insideS };
}

/** The places with what the newest outlines say of them; one whose zone is gone is the zone that lies there now. */
export function renewed(places: readonly MyPlace[], zones: Zones, cities: Cities): readonly MyPlace[] {
  if (zones.size === 0) return places;
  const after = places.map((place) => anew(place, zones, cities));
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

const isPoint = (value: unknown): value is Point =>
  Array.isArray(value) && value.length === 2 && value.every((deg) => typeof deg === "number" && Number.isFinite(deg));

function placeFrom(value: unknown): MyPlace[] {
  const { id, names, zones, at, over, insideS } = (value ?? {}) as Record<string, unknown>;
  if (typeof id !== "string" || id === "") return [];
  const whole = typeof names === "string" || (typeof names === "object" && names !== null);
  const s = typeof insideS === "number" && insideS >= 0 && insideS <= INSIDE_S_MAX ? insideS : null;
  const ids = Array.isArray(zones) ? zones.filter((zone) => typeof zone === "string") : [];
  return [
    {
      id,
      names: whole ? (names as Zone["names"]) : id,
      zones: ids.length > 0 ? ids : [id],
      at: isPoint(at) ? at : null,
      // What an older page kept says nothing of it.
      over: over === null ? null : Array.isArray(over) ? over.filter(isPoint).slice(0, OVER_MAX) : [],
      insideS: s,
    },
  ];
}

export function rememberedPlaces(): readonly MyPlace[] {
  const kept = recall(PLACES_KEY);
  if (Array.isArray(kept)) return kept.slice(0, PLACES_MAX).flatMap(placeFrom);
  try {
    const id = localStorage.getItem(OLD_KEY);
    return id === null ? [] : placeFrom({ id });
  } catch {
    return [];
  }
}

/** Whether they are kept. */
export function rememberPlaces(places: readonly MyPlace[]): boolean {
  remember(OLD_KEY, null);
  return remember(PLACES_KEY, places);
}
