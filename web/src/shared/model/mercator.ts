// Where a place is on a map of the whole world that is 256 pixels wide: web Mercator, as maps at zoom 0 draw it.

export const WORLD_PX = 256;
// Where web Mercator ends; the map ends there too.
const LAT_MAX_DEG = 85.0511287798;

export const xOf = (lon: number): number => ((lon + 180) / 360) * WORLD_PX;

export function yOf(lat: number): number {
  const sine = Math.sin((Math.max(-LAT_MAX_DEG, Math.min(LAT_MAX_DEG, lat)) * Math.PI) / 180);
  return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * WORLD_PX;
}
