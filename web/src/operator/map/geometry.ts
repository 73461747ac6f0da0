// Areas on the map: circles, ellipses, and which zones an area touches. Flat maps of a few hundred kilometres: a degree
// of longitude shrinks with the cosine of the latitude, and that is all of the Earth's shape needed here.

import type { Polygon, Ring, Zone, Zones } from "../../shared/model/outlines";
import { contains } from "../../shared/model/outlines";

export type Place = readonly [lon: number, lat: number];

export const M_PER_DEG = 111_195;
// An ellipse of a few pixels looks round with fewer corners than an area that people are chosen by.
const CORNERS = { ellipse: 24, circle: 48 };

const shrink = (lat: number) => Math.max(Math.cos((lat * Math.PI) / 180), 0.01);

/** The place so many metres east and north of another. */
export function moved([lon, lat]: Place, eastM: number, northM: number): Place {
  return [lon + eastM / (M_PER_DEG * shrink(lat)), lat + northM / M_PER_DEG];
}

/** Metres between two places near each other. */
export function distanceM([lon1, lat1]: Place, [lon2, lat2]: Place): number {
  const east = (lon2 - lon1) * M_PER_DEG * shrink((lat1 + lat2) / 2);
  return Math.hypot(east, (lat2 - lat1) * M_PER_DEG);
}

/** A closed ring around a place: half axes in metres, the first one turned clockwise from north. */
export function ellipse(centre: Place, alongM: number, acrossM: number, turnDeg: number, corners = CORNERS.ellipse): Ring {
  const turn = (turnDeg * Math.PI) / 180;
  const ring = Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    const [along, across] = [alongM * Math.cos(angle), acrossM * Math.sin(angle)];
    return moved(centre, along * Math.sin(turn) + across * Math.cos(turn), along * Math.cos(turn) - across * Math.sin(turn));
  });
  return [...ring, ring[0] as Place];
}

export const circle = (centre: Place, radiusM: number): Ring => ellipse(centre, radiusM, radiusM, 0, CORNERS.circle);

function inside(ring: Ring, [lon, lat]: Place): boolean {
  let within = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [lon1, lat1] = ring[i] as Place;
    const [lon2, lat2] = ring[j] as Place;
    if (lat1 > lat !== lat2 > lat && lon < ((lon2 - lon1) * (lat - lat1)) / (lat2 - lat1) + lon1) within = !within;
  }
  return within;
}

function cross(a: Place, b: Place, c: Place, d: Place): boolean {
  const side = (p: Place, q: Place, r: Place) => (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

function edgesCross(one: Ring, other: Ring): boolean {
  for (let i = 1; i < one.length; i++) {
    for (let j = 1; j < other.length; j++) {
      if (cross(one[i - 1] as Place, one[i] as Place, other[j - 1] as Place, other[j] as Place)) return true;
    }
  }
  return false;
}

/** Whether any of a zone lies in an area. */
export function touches(zone: Zone, area: Ring): boolean {
  const [west, south, east, north] = zone.box;
  const lons = area.map(([lon]) => lon);
  const lats = area.map(([, lat]) => lat);
  if (Math.max(...lons) < west || Math.min(...lons) > east) return false;
  if (Math.max(...lats) < south || Math.min(...lats) > north) return false;
  if (area.some(([lon, lat]) => contains(zone, lon, lat))) return true;
  return zone.polygons.some((polygon: Polygon) => {
    const outer = polygon[0] ?? [];
    return outer.some((corner) => inside(area, corner)) || edgesCross(outer, area);
  });
}

/** The zones that an area touches, most people first. */
export function zonesIn(zones: Zones, area: Ring): Zone[] {
  return [...zones.values()].filter((zone) => touches(zone, area)).sort((a, b) => b.population - a.population);
}

/** People in some zones, each counted once: who lives in a zone that is part of another of them is counted there. */
export function peopleIn(ids: Iterable<string>, zones: Zones): number {
  const named = new Set(ids);
  let people = 0;
  for (const id of named) {
    let parent = zones.get(id)?.parent ?? null;
    const seen = new Set<string>();
    while (parent !== null && !named.has(parent) && !seen.has(parent)) {
      seen.add(parent);
      parent = zones.get(parent)?.parent ?? null;
    }
    if (parent === null || !named.has(parent)) people += zones.get(id)?.population ?? 0;
  }
  return people;
}

/** A point inside a zone to put a mark on: the middle of its largest outline's corners. */
export function middleOf(zone: Zone): Place {
  const outer = zone.polygons.reduce<Ring>((best, polygon) => ((polygon[0]?.length ?? 0) > best.length ? (polygon[0] as Ring) : best), []);
  let [area, lon, lat] = [0, 0, 0];
  const [lon0, lat0] = outer[0] ?? [0, 0];
  for (let i = 1; i < outer.length; i++) {
    const [x1, y1] = [(outer[i - 1] as Place)[0] - lon0, (outer[i - 1] as Place)[1] - lat0];
    const [x2, y2] = [(outer[i] as Place)[0] - lon0, (outer[i] as Place)[1] - lat0];
    const part = x1 * y2 - x2 * y1;
    area += part;
    lon += (x1 + x2) * part;
    lat += (y1 + y2) * part;
  }
  if (area === 0) return [(zone.box[0] + zone.box[2]) / 2, (zone.box[1] + zone.box[3]) / 2];
  return [lon0 + lon / (3 * area), lat0 + lat / (3 * area)];
}
