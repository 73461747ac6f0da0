// The nearest shelters. All of an area's are fetched, and the distance is worked out here: nobody learns who asks where.

export interface Shelter {
  readonly name: string;
  readonly at: readonly [number, number];
  readonly note: string;
}

export interface Near extends Shelter {
  readonly distanceM: number;
}

const EARTH_M = 6_371_000;
// A frightened family with a child on the arm, and streets are longer than the crow's way by a third.
const WALK_M_PER_S = 1.1;
const DETOUR = 1.35;

export const walkS = (distanceM: number): number => (distanceM * DETOUR) / WALK_M_PER_S;

/** Great-circle distance in metres between two points in degrees, longitude first. */
export function distanceM([lon1, lat1]: readonly [number, number], [lon2, lat2]: readonly [number, number]): number {
  const rad = Math.PI / 180;
  const [dLat, dLon] = [(lat2 - lat1) * rad, (lon2 - lon1) * rad];
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The shelters of a GeoJSON answer; what is none is left out. */
export function sheltersOf(answer: unknown): readonly Shelter[] {
  const { features } = (answer ?? {}) as { features?: unknown };
  if (!Array.isArray(features)) throw new TypeError("the shelters are no FeatureCollection");
  return features.flatMap((feature: Record<string, unknown> | null) => {
    const [lon, lat] = ((feature?.geometry as { coordinates?: unknown } | null)?.coordinates ?? []) as unknown[];
    const { name, note } = (feature?.properties ?? {}) as Record<string, unknown>;
    if (typeof lon !== "number" || typeof lat !== "number" || typeof name !== "string") return [];
    return [{ name, at: [lon, lat] as const, note: typeof note === "string" ? note : "" }];
  });
}

export function nearest(shelters: readonly Shelter[], from: readonly [number, number], most: number): readonly Near[] {
  return shelters
    .map((shelter) => ({ ...shelter, distanceM: distanceM(from, shelter.at) }))
    .sort((a, b) => a.distanceM - b.distanceM)
    .slice(0, most);
}
