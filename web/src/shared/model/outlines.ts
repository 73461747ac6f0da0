// Zones as places: names in every script, outlines, what is inside what. Fetched once, then from the browser's cache.

export type Ring = readonly (readonly [number, number])[];
/** Outer ring first, then holes; [lon, lat] in degrees. */
export type Polygon = readonly Ring[];
/** [west, south, east, north] in degrees. */
export type Box = readonly [number, number, number, number];

export interface Zone {
  readonly id: string;
  readonly names: string | Readonly<Record<string, string>>;
  /** Other ways people write its name; for searching, never shown. */
  readonly spellings: readonly string[];
  readonly population: number;
  readonly shelterS: number | null;
  readonly parent: string | null;
  /** What the parent is called, where it is a city that is no zone itself. */
  readonly parentNames: Zone["names"] | null;
  readonly parentSpellings: readonly string[];
  readonly polygons: readonly Polygon[];
  readonly box: Box;
}

export type Zones = ReadonlyMap<string, Zone>;

/** A city whose districts are zones: what it is called and holds, as a zone without outlines, and its parts' ids. */
export interface City extends Zone {
  readonly parts: readonly string[];
}

export type Cities = ReadonlyMap<string, City>;

interface Feature {
  id?: unknown;
  properties?: Record<string, unknown> | null;
  geometry?: { type?: unknown; coordinates?: unknown } | null;
}

function boxOf(polygons: readonly Polygon[]): Box {
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const polygon of polygons) {
    for (const [lon, lat] of polygon[0] ?? []) {
      west = Math.min(west, lon);
      east = Math.max(east, lon);
      south = Math.min(south, lat);
      north = Math.max(north, lat);
    }
  }
  return [west, south, east, north];
}

function namesOf(value: unknown, id: string): Zone["names"] {
  if (typeof value === "string" && value !== "") return value;
  if (typeof value === "object" && value !== null) {
    const named = Object.entries(value).filter(([, name]) => typeof name === "string" && name !== "");
    if (named.length > 0) return Object.fromEntries(named) as Record<string, string>;
  }
  return id;
}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];

function zoneOf(feature: Feature): Zone | null {
  const properties = feature.properties ?? {};
  const id = properties.id ?? feature.id;
  const { type, coordinates } = feature.geometry ?? {};
  if (typeof id !== "string" || !Array.isArray(coordinates)) return null;
  const polygons = (type === "Polygon" ? [coordinates] : type === "MultiPolygon" ? coordinates : []) as Polygon[];
  if (polygons.length === 0) return null;
  return {
    id,
    names: namesOf(properties.name, id),
    spellings: textsOf(properties.spellings),
    population: typeof properties.population === "number" ? properties.population : 0,
    shelterS: typeof properties.shelter_s === "number" ? properties.shelter_s : null,
    parent: typeof properties.parent === "string" ? properties.parent : null,
    parentNames: properties.parent_name ? namesOf(properties.parent_name, id) : null,
    parentSpellings: textsOf(properties.parent_spellings),
    polygons,
    box: boxOf(polygons),
  };
}

/** Whether an outline holds now: zones are re-cut at times, and the old and the new cut travel together. */
function holds(feature: Feature, nowMs: number): boolean {
  const { valid_from: from, valid_to: to } = feature.properties ?? {};
  return (
    !(typeof from === "string" && Date.parse(from) > nowMs) && !(typeof to === "string" && Date.parse(to) <= nowMs)
  );
}

/** When the next outline begins or ends to hold; null: none does. */
export function nextCutMs(collection: unknown, nowMs: number): number | null {
  const all = (collection as { features?: unknown })?.features;
  const edges = (Array.isArray(all) ? all : []).flatMap(({ properties }: Feature) =>
    [properties?.valid_from, properties?.valid_to].map((time) => (typeof time === "string" ? Date.parse(time) : Number.NaN)),
  );
  const coming = edges.filter((ms) => ms > nowMs);
  return coming.length === 0 ? null : coming.reduce((a, b) => Math.min(a, b));
}

/** Zones by id. A feature that is not a zone is left out; the picture still lists it by its id. */
export function readOutlines(collection: unknown, nowMs: number): Zones {
  const all = (collection as { features?: unknown })?.features;
  if (!Array.isArray(all)) throw new TypeError("the outlines are not a FeatureCollection");
  const features = all.filter((feature: Feature) => holds(feature, nowMs));
  const zones = features.map((feature) => zoneOf(feature as Feature)).filter((zone) => zone !== null);
  return new Map(zones.map((zone) => [zone.id, zone]));
}

/** The cities that the zones are districts of, by id. */
export function citiesOf(zones: Zones): Cities {
  const districts = new Map<string, Zone[]>();
  for (const zone of zones.values()) {
    if (zone.parent === null || zone.parentNames === null || zones.has(zone.parent)) continue;
    districts.set(zone.parent, [...(districts.get(zone.parent) ?? []), zone]);
  }
  const cities = new Map<string, City>();
  for (const [id, parts] of districts) {
    const first = parts[0] as Zone;
    cities.set(id, {
      id,
      names: first.parentNames ?? id,
      spellings: first.parentSpellings,
      population: parts.reduce((sum, { population }) => sum + population, 0),
      shelterS: parts.reduce<number | null>((most, { shelterS }) => Math.max(most ?? 0, shelterS ?? 0) || null, null),
      parent: null,
      parentNames: null,
      parentSpellings: [],
      polygons: [],
      box: boxAround(parts) as Box,
      parts: parts.map((part) => part.id),
    });
  }
  return cities;
}

// Gazetteers know the script of a spelling but not always its language; such names are under "und-" and the script.
const SCRIPT_TAGS: Readonly<Record<string, string>> = {
  ar: "und-Arab",
  fa: "und-Arab",
  he: "und-Hebr",
  uk: "und-Cyrl",
};

export interface Name {
  readonly text: string;
  /** The language of the name (BCP 47), where known. */
  readonly lang: string | undefined;
}

/** The zone's name in a language, else in its script, else in English, else any; its id if we know no more. */
export function nameOf(zone: Pick<Zone, "names"> | undefined, id: string, language: string): Name {
  if (zone === undefined) return { text: id, lang: undefined };
  if (typeof zone.names === "string") return { text: zone.names, lang: undefined };
  for (const lang of [language, SCRIPT_TAGS[language] ?? "", "en", "und-Latn"]) {
    const text = zone.names[lang];
    if (text !== undefined) return { text, lang };
  }
  const [lang, text] = Object.entries(zone.names)[0] ?? [undefined, id];
  return { text, lang };
}

/** The name people on the spot write, when it is another than the one shown; what a visitor compares signs with. */
export function otherName(zone: Pick<Zone, "names">, shown: Name): Name | null {
  if (typeof zone.names === "string") return null;
  const other = Object.entries(zone.names).find(([lang, text]) => lang !== shown.lang && text !== shown.text);
  return other === undefined ? null : { text: other[1], lang: other[0] };
}

export function allNames(zone: Zone): string[] {
  return typeof zone.names === "string" ? [zone.names] : Object.values(zone.names);
}

/** The box around all zones, or null when there are none. */
export function boxAround(zones: Iterable<Zone>): Box | null {
  let around: Box | null = null;
  for (const { box } of zones) {
    around =
      around === null
        ? box
        : [
            Math.min(around[0], box[0]),
            Math.min(around[1], box[1]),
            Math.max(around[2], box[2]),
            Math.max(around[3], box[3]),
          ];
  }
  return around;
}

function inRing(ring: Ring, lon: number, lat: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [lon1, lat1] = ring[i] as readonly [number, number];
    const [lon2, lat2] = ring[j] as readonly [number, number];
    if (lat1 > lat !== lat2 > lat && lon < ((lon2 - lon1) * (lat - lat1)) / (lat2 - lat1) + lon1) inside = !inside;
  }
  return inside;
}

/** Whether a position lies in a zone (even-odd rule, so holes are outside). */
export function contains(zone: Zone, lon: number, lat: number): boolean {
  const [west, south, east, north] = zone.box;
  if (lon < west || lon > east || lat < south || lat > north) return false;
  return zone.polygons.some((polygon) => polygon.filter((ring) => inRing(ring, lon, lat)).length % 2 === 1);
}

/** The zones at a position, smallest first: the smallest is what people call the place. */
export function zonesAt(zones: Zones, lon: number, lat: number): Zone[] {
  const area = ({ box }: Zone) => (box[2] - box[0]) * (box[3] - box[1]);
  return [...zones.values()].filter((zone) => contains(zone, lon, lat)).sort((a, b) => area(a) - area(b));
}
