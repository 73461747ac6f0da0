import { beforeEach, describe, expect, it, vi } from "vitest";
import { beside } from "../src/shared/model/beside";
import { keeps } from "../src/shared/model/kept";
import { type Cities, readOutlines, type Zones } from "../src/shared/model/outlines";
import { nextDoor, standing } from "../src/shared/model/place";
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
    // I said its name, and may live in either part.
    expect([mine.id, mine.names, mine.zones]).toEqual(["brim-east", { en: "BRIM-EAST" }, ["brim-east", "brim-west"]]);
    // Where I was when I chose it decides, not the middle of what it was.
    const [here] = renewed([placeOf("brim", WHOLE, NONE, [0.5, 0.5])], SPLIT, NONE) as [MyPlace];
    expect([here.id, here.zones]).toEqual(["brim-west", ["brim-west"]]);
  });
  it("are what bears their name now and what lies where they lay, where a zone is re-cut under its id", () => {
    const recut = zones(["brim", 0, 0.9], ["cole", 0.9, 4]);
    const [mine] = renewed([placeOf("brim", WHOLE, NONE)], recut, NONE) as [MyPlace];
    expect([mine.id, mine.zones]).toEqual(["brim", ["brim", "cole"]]);
    expect(renewed([mine], recut, NONE)[0]?.zones).toEqual(["brim", "cole"]);
    // Who said where he is is there, and nowhere else.
    const there = [0.5, 1.5].map((lon) => renewed([placeOf("brim", WHOLE, NONE, [lon, 0.5])], recut, NONE)[0] as MyPlace);
    expect(there.map(({ id, zones }) => [id, zones])).toEqual([["brim", ["brim"]], ["cole", ["cole"]]]);
  });
  it("are a region and not all that lies in it", () => {
    const towns = zones(["brim", 0, 2], ["town", 0.3, 0.5]);
    expect(renewed([placeOf("brim", towns, NONE)], towns, NONE)[0]?.zones).toEqual(["brim"]);
  });
  it("are told of cover next door, and of none where they are in cover themselves or nobody is near", () => {
    const row = zones(["brim", 0, 2], ["cole", 2, 4], ["dunmere", 4, 6]);
    const none = { sinceMs: null, expiresMs: null, etaEarliestMs: null, etaLikelyMs: null, threat: null, publicReason: null };
    const state = { zone: "cole", level: "take_cover" as const, degraded: false, lessTime: false, drill: false, ...none };
    const picture = { seq: 1, drill: false, degraded: false, pictureAtMs: NOW, zones: new Map([["cole", state]]) };
    expect(beside(["cole"], row).sort()).toEqual(["brim", "dunmere"]);
    expect([beside(["brim"], row), beside(["brim", "cole"], row)]).toEqual([["cole"], ["dunmere"]]);
    expect(nextDoor(["brim"], "none", picture, row)).toEqual(["cole"]);
    expect(nextDoor(["brim"], "take_cover", picture, row)).toEqual([]);
    expect(nextDoor(["brim"], "none", { ...picture, zones: new Map() }, row)).toEqual([]);
    expect(nextDoor(["far"], "none", picture, row)).toEqual([]);
  });
  it("say so where this browser keeps nothing", () => {
    expect(rememberPlaces([placeOf("brim", WHOLE, NONE)])).toBe(true);
    expect(keeps()).toBe(true);
    vi.stubGlobal("localStorage", {
      setItem: () => {
        throw new Error("storage is off");
      },
    });
    expect([keeps(), rememberPlaces([])]).toEqual([false, false]);
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
