// Land and borders under the zones, tile by tile from our own service: nobody else learns where an officer looks.

import { TILES } from "virtual:backdrop";
import type { Feature, FeatureCollection } from "geojson";
import type { GeoJSONSource, Map as Chart } from "maplibre-gl";
import { STEPS_PER_DEG, TILE_DEG } from "../../shared/model/tiles";
import type { Place } from "./geometry";

const TILES_AT_ONCE_MAX = 20;

function corners(line: readonly number[]): Place[] {
  const points: Place[] = [];
  let [x, y] = [0, 0];
  for (let i = 0; i + 1 < line.length; i += 2) {
    x += line[i] as number;
    y += line[i + 1] as number;
    points.push([x / STEPS_PER_DEG, y / STEPS_PER_DEG]);
  }
  return points;
}

const closed = (ring: Place[]): Place[] => [...ring, ring[0] as Place];

/** Fetches the tiles in view as the map moves, and puts them into the sources `land` and `borders`. */
export function keepBackdrop(chart: Chart): void {
  const asked = new Set<string>();
  const land: Feature[] = [];
  const borders: Feature[] = [];
  const put = (source: string, features: Feature[]) =>
    chart.getSource<GeoJSONSource>(source)?.setData({ type: "FeatureCollection", features } as FeatureCollection);

  const fetchTile = async (name: string) => {
    const response = await fetch(`/assets/land/${name}.json`);
    if (!response.ok) throw new Error(`${name} was answered with ${response.status}`);
    const tile = (await response.json()) as { land: number[][]; borders: number[][] };
    const [properties, type] = [{}, "Feature" as const];
    // Each ring for itself: lakes are drawn as land, which no warning hangs on.
    for (const ring of tile.land) {
      land.push({ type, properties, geometry: { type: "Polygon", coordinates: [closed(corners(ring))] as unknown as number[][][] } });
    }
    const lines = tile.borders.map(corners) as unknown as number[][][];
    borders.push({ type, properties, geometry: { type: "MultiLineString", coordinates: lines } });
    put("land", land);
    put("borders", borders);
  };

  const fill = () => {
    const bounds = chart.getBounds();
    const first = (deg: number) => Math.floor(deg / TILE_DEG) * TILE_DEG;
    const names: string[] = [];
    for (let west = first(bounds.getWest()); west <= bounds.getEast(); west += TILE_DEG) {
      for (let south = first(bounds.getSouth()); south <= bounds.getNorth(); south += TILE_DEG) names.push(`${west}_${south}`);
    }
    const wanted = names.filter((name) => TILES.has(name) && !asked.has(name));
    if (names.length > TILES_AT_ONCE_MAX) return;
    for (const name of wanted) {
      asked.add(name);
      fetchTile(name).catch(() => asked.delete(name));
    }
  };
  chart.on("moveend", fill);
  fill();
}
