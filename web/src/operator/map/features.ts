// The picture as what the map draws.

import type { Feature, FeatureCollection } from "geojson";
import { nameOf, type Zones } from "../../shared/model/outlines";
import type { Picture, Sensor } from "../model/wire";
import { circle, middleOf } from "./geometry";

export function collection(features: Feature[]): FeatureCollection {
  return { type: "FeatureCollection", features };
}

function feature(geometry: Feature["geometry"], properties: Record<string, unknown> = {}): Feature {
  return { type: "Feature", geometry, properties };
}

const ring = (points: readonly (readonly number[])[]) => [points] as unknown as number[][][];

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
