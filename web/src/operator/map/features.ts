// The picture as what the map draws.

import type { Feature, FeatureCollection } from "geojson";
import { nameOf, type Zones } from "../../shared/model/outlines";
import type { Picture, Sensor, Track } from "../model/wire";
import { circle, ellipse, middleOf, moved, type Place } from "./geometry";
import { CLASSES } from "./signs";

// One standard deviation along both axes holds 39 %; an officer wants to know where it is, nearly certainly.
const OF_95 = 2.45;
// Where it will be in a minute, as it flies.
const AHEAD_S = 60;
const DEG = Math.PI / 180;

export function collection(features: Feature[]): FeatureCollection {
  return { type: "FeatureCollection", features };
}

function feature(geometry: Feature["geometry"], properties: Record<string, unknown> = {}): Feature {
  return { type: "Feature", geometry, properties };
}

const ring = (points: readonly (readonly number[])[]) => [points] as unknown as number[][][];

export function signOf(track: Pick<Track, "threat" | "status" | "lost">): string {
  const name = CLASSES.includes(track.threat) ? track.threat : "unknown";
  return `track-${name}${track.status === "tentative" || track.lost ? "-hollow" : ""}`;
}

/** A track as its sign, its 95 % ellipse, and the way it flies in a minute. */
export function trackFeatures(tracks: readonly Track[], chosen: string | null): Feature[] {
  return tracks.flatMap((track) => {
    const place: Place = [track.lon, track.lat];
    const civil = track.cooperative || track.threat === "civil";
    const { major_m, minor_m, major_deg } = track.ellipse ?? { major_m: track.sigma_m, minor_m: track.sigma_m, major_deg: 0 };
    const way = track.speed_mps * AHEAD_S;
    const ahead = moved(place, way * Math.sin(track.heading_deg * DEG), way * Math.cos(track.heading_deg * DEG));
    return [
      feature({ type: "Polygon", coordinates: ring(ellipse(place, major_m * OF_95, minor_m * OF_95, major_deg)) }, { id: track.id, civil }),
      feature({ type: "LineString", coordinates: [[...place], [...ahead]] }, { id: track.id, civil }),
      feature({ type: "Point", coordinates: [...place] }, {
        id: track.id, civil, sign: signOf(track), course: track.heading_deg, chosen: track.id === chosen,
      }),
    ];
  });
}

export const sensorSign = ({ state }: Pick<Sensor, "state">) =>
  state === "up" ? "sensor-seeing" : state === "unheard" ? "sensor-silent" : "sensor-trouble";

export function sensorFeatures(sensors: readonly Sensor[]): { points: Feature[]; reach: Feature[] } {
  const points = sensors.map(({ id, lon, lat, state }) => feature({ type: "Point", coordinates: [lon, lat] }, { id, sign: sensorSign({ state }) }));
  const reach = sensors.flatMap(({ state, lon, lat, declared: { range_m } }) =>
    state !== "up" || range_m === null ? [] : [feature({ type: "Polygon", coordinates: ring(circle([lon, lat], range_m)) })],
  );
  return { points, reach };
}

export function zoneFeatures(zones: Zones): Feature[] {
  return [...zones.values()].map((zone) => ({
    ...feature({ type: "MultiPolygon", coordinates: zone.polygons as unknown as number[][][][] }, { id: zone.id }),
  }));
}

/** Names of zones, most people first. They change with the language only: to set hundreds of names is slow. */
export function nameFeatures(zones: Zones, language: string): Feature[] {
  return [...zones.values()].map((zone) =>
    feature({ type: "Point", coordinates: [...middleOf(zone)] }, { name: nameOf(zone, zone.id, language).text, order: -zone.population }),
  );
}

/** The signs of levels with the names of their zones: the gravest first, so that what matters is never left out. */
export function levelFeatures(zones: Zones, picture: Picture | null, language: string): Feature[] {
  const gravity: Record<string, number> = { take_cover: 0, prepare: 1, all_clear: 2 };
  return (picture?.zones ?? []).flatMap(({ zone: id, level }) => {
    const zone = zones.get(id);
    if (zone === undefined || level === "none") return [];
    const order = (gravity[level] ?? 3) * 1e9 - zone.population;
    const name = nameOf(zone, id, language).text;
    return [feature({ type: "Point", coordinates: [...middleOf(zone)] }, { name, order, sign: `level-${level}` })];
  });
}

export function blindFeatures(zones: Zones, picture: Picture | null): Feature[] {
  const blind = picture?.zones.filter(({ degraded }) => degraded) ?? [];
  return blind.flatMap(({ zone }) => {
    const found = zones.get(zone);
    return found === undefined ? [] : [feature({ type: "MultiPolygon", coordinates: found.polygons as unknown as number[][][][] })];
  });
}
