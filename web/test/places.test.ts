import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Cities, readOutlines, type Zones } from "../src/shared/model/outlines";
import { standing } from "../src/shared/model/place";
import { added, isGone, type MyPlace, PLACES_MAX, placeOf, rememberedPlaces, rememberPlaces, renewed } from "../src/shared/model/places";

const NOW = Date.parse("2026-03-01T03:00:00Z");
const NONE: Cities = new Map();

function zones(...cut: [id: string, west: number, east: number][]): Zones {
  const features = cut.map(([id, west, east]) => ({
    properties: { id, name: { en: id.toUpperCase() }, shelter_s: 120 },
    geometry: { type: "Polygon", coordinates: [[[west, 0], [east, 0], [east, 1], [west, 1], [west, 0]]] },
  }));
  return readOutlines({ features }, NOW);
}

const WHOLE = zones(["brim", 0, 2]);
const SPLIT = zones(["brim-west", 0, 0.9], ["brim-east", 0.9, 2]);

let kept: Map<string, string>;
beforeEach(() => {
  kept = new Map();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});

describe("my places", () => {
  it("are the zones that lie there now where theirs was split", () => {
    const [mine] = renewed([placeOf("brim", WHOLE, NONE)], SPLIT, NONE) as [MyPlace];
    expect([mine.id, mine.names, mine.zones]).toEqual(["brim-east", { en: "BRIM-EAST" }, ["brim-east"]]);
    // Where I was when I chose it decides, not the middle of what it was.
    const here = placeOf("brim", WHOLE, NONE, [0.5, 0.5]);
    expect(renewed([here], SPLIT, NONE)[0]?.id).toBe("brim-west");
  });
  it("keep my own way to shelter, and are told to be gone where nothing lies there", () => {
    const mine = { ...placeOf("brim", WHOLE, NONE), insideS: 240 };
    expect(renewed([mine], SPLIT, NONE)[0]?.insideS).toBe(240);
    const far = zones(["far", 50, 51]);
    expect(renewed([mine], far, NONE)).toEqual([mine]);
    expect([isGone(mine, far, NONE), isGone(mine, new Map(), NONE), isGone(mine, WHOLE, NONE)]).toEqual([true, false, false]);
  });
  it("are the same object where the outlines say nothing new", () => {
    const mine = renewed([placeOf("brim", WHOLE, NONE)], WHOLE, NONE);
    expect(renewed(mine, WHOLE, NONE)).toBe(mine);
    expect(renewed(mine, new Map(), NONE)).toBe(mine);
  });
  it("are kept on the device, and the one place of an older page with them", () => {
    kept.set("tocsin.place", "brim");
    const places = rememberedPlaces();
    expect(places.map(({ id, zones }) => [id, zones])).toEqual([["brim", ["brim"]]]);
    const both = added(places, placeOf("brim-west", SPLIT, NONE));
    rememberPlaces(both);
    expect(rememberedPlaces()).toEqual(both);
    expect(kept.has("tocsin.place")).toBe(false);
    // No address: a hundred metres.
    expect(placeOf("brim", WHOLE, NONE, [0.123456, 0.98765]).at).toEqual([0.123, 0.988]);
  });
  it("are so many at most, each once", () => {
    const many = Array.from({ length: 30 }, (_, i) => placeOf(`z${i}`, WHOLE, NONE));
    const places = many.reduce<readonly MyPlace[]>((all, one) => added(added(all, one), one), []);
    expect(places.length).toBe(PLACES_MAX);
  });
  it.each(["{", "[1, null, {}]", '{"id": 1}', '[{"id": "", "zones": 3}]', "null", '"x"'])("survive what is no list of places: %s", (text) => {
    kept.set("tocsin.places", text);
    expect(rememberedPlaces()).toEqual([]);
  });
  it("are unknown, and not calm, where the service does not tell of their zones", () => {
    const picture = { seq: 1, drill: false, degraded: false, pictureAtMs: NOW, zones: new Map() };
    expect(standing(["brim"], picture, { kind: "live" }).word).toBe("unknown");
  });
});
