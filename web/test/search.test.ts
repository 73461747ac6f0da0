import { describe, expect, it } from "vitest";
import { boxAround, citiesOf, contains, nameOf, otherName, readOutlines, type Zone, zonesAt } from "../src/shared/model/outlines";
import { zonesOf } from "../src/shared/model/place";
import { edits, folded, foldedNames, search } from "../src/shared/model/search";

function square(id: string, name: unknown, west: number, size: number, population = 0, more: object = {}) {
  const ring = [
    [west, 0],
    [west + size, 0],
    [west + size, size],
    [west, size],
    [west, 0],
  ];
  return {
    type: "Feature",
    properties: { id, name, population, ...more },
    geometry: { type: "Polygon", coordinates: [ring] },
  };
}

const zones = readOutlines(
  {
    type: "FeatureCollection",
    features: [
      square("homs", { en: "Homs", ar: "حمص" }, 0, 1, 775_000),
      square("qutayfah", { en: "Al Qutayfah", ar: "القطيفة" }, 2, 1, 26_000),
      square("odesa", { en: "Odesa", uk: "Одеса" }, 4, 1, 1_000_000),
      square("krywyj", { en: "Kryvyi Rih", uk: "Кривий Ріг" }, 6, 1, 600_000),
      square("jerusalem", { en: "Jerusalem", he: "יְרוּשָׁלַיִם" }, 8, 1, 900_000),
      square("sanliurfa", "Şanlıurfa", 10, 1, 500_000),
      square("region", "Homs region", -1, 4),
      square("old", "Cut away", 0, 1, 0, { valid_to: "2020-01-01T00:00:00Z" }),
      { type: "Feature", properties: { id: "broken" }, geometry: null },
    ],
  },
  Date.parse("2026-01-01T00:00:00Z"),
);
const names = foldedNames(zones.values());
const first = (text: string) => search(text, names)[0]?.id;

describe("finding a place by name", () => {
  it.each([
    ["homs", "homs"],
    ["HOMS", "homs"],
    ["حمص", "homs"],
    ["hom", "homs"],
    ["القطيفه", "qutayfah"],
    ["قطيفة", "qutayfah"],
    ["qutayfa", "qutayfah"],
    ["al-qutaifah", "qutayfah"],
    ["одеса", "odesa"],
    ["odessa", "odesa"],
    ["кривии риг", "krywyj"],
    ["rih", "krywyj"],
    ["ירושלים", "jerusalem"],
    ["sanliurfa", "sanliurfa"],
    ["ŞANLIURFA", "sanliurfa"],
    ["jersualem", "jerusalem"],
  ])("%s is %s", (text, id) => {
    expect(first(text)).toBe(id);
  });
  it("finds nothing for nothing, and nothing for nonsense", () => {
    expect(search("  ", names)).toEqual([]);
    expect(search("xxqqzz", names)).toEqual([]);
  });
  it("puts the larger town first among equals", () => {
    expect(search("hom", names).map(({ id }) => id)).toEqual(["homs", "region"]);
  });
  it("folds marks, articles and punctuation", () => {
    expect(folded("Al-Ḩasakah")).toBe("hasakah");
    expect(folded("Ра́зом’")).toBe("разом");
  });
  it("counts edits and gives up early", () => {
    expect([
      edits("odesa", "odessa", 2),
      edits("ab", "ba", 2),
      edits("abc", "xyz", 2),
      edits("a", "abcdef", 2),
    ]).toEqual([1, 1, 3, 3]);
  });
});

describe("finding a city", () => {
  const kyiv = { parent: "kyiv", parent_name: { en: "Kyiv", uk: "Київ" }, parent_spellings: ["Kiev", "Киев", "Kijów"] };
  const kharkiv = { spellings: ["Kharkov", "Харьков", "Carcovia"] };
  const places = readOutlines(
    {
      features: [
        square("kyiv-centre", { en: "Kyiv", uk: "Київ" }, 0, 1, 900_000, kyiv),
        square("obolon", { en: "Obolon", uk: "Оболонь" }, 1, 1, 1_000_000, kyiv),
        square("podil", { en: "Podil", uk: "Поділ" }, 2, 1, 1_050_000, kyiv),
        square("kharkiv", { en: "Kharkiv", uk: "Харків" }, 5, 1, 1_400_000, { parent: "UA.07", ...kharkiv }),
        square("kievka", "Kievka", 6, 1, 2_000),
        square("khark", "Kharkova Balka", 7, 1, 900),
        square("oboliv", "Obolonne", 8, 1, 700),
        square("kiew-mill", "Mill", 9, 1, 12_000, { spellings: ["Khar", "Kyi"] }),
        square("ariel", "Ariel", 11, 1, 17_000),
        square("jerusalem", "Jerusalem", 12, 1, 970_000, { spellings: ["Ariel", "Zion"] }),
      ],
    },
    0,
  );
  const cities = citiesOf(places);
  const all = foldedNames(places.values(), cities);
  const ids = (text: string) => search(text, all).map(({ id }) => id);

  it("holds its districts' people and ground, and stands as they stand", () => {
    expect([...cities.keys()]).toEqual(["kyiv"]);
    expect(cities.get("kyiv")).toMatchObject({ population: 2_950_000, box: [0, 0, 3, 1], names: { en: "Kyiv" } });
    expect(zonesOf("kyiv", places, cities)).toEqual(["kyiv-centre", "obolon", "podil"]);
    expect(zonesOf("obolon", places, cities)).toEqual(["obolon", "kyiv"]);
    expect(zonesOf("elsewhere", places, cities)).toEqual(["elsewhere"]);
  });
  it("offers it whole, then its districts, the most people first", () => {
    expect(ids("kyiv").slice(0, 4)).toEqual(["kyiv", "kyiv-centre", "podil", "obolon"]);
    expect(ids("київ").slice(0, 4)).toEqual(["kyiv", "kyiv-centre", "podil", "obolon"]);
    expect(ids("obolon")[0]).toBe("obolon");
  });
  it.each([
    ["kiev", "kyiv"],
    ["Киев", "kyiv"],
    ["kijow", "kyiv"],
    ["харьков", "kharkiv"],
    ["харьк", "kharkiv"],
    ["kharkov", "kharkiv"],
    ["zion", "jerusalem"],
  ])("%s is another spelling of %s", (text, id) => {
    expect(ids(text)[0]).toBe(id);
  });
  it("puts no stranger first", () => {
    expect(ids("ariel")).toEqual(["ariel", "jerusalem"]);
    expect(ids("khar")[0]).toBe("kharkiv");
    expect(ids("kyi")[0]).toBe("kyiv");
    expect(ids("kievka")[0]).toBe("kievka");
    expect(ids("kharkif").at(-1)).toBe("kharkiv");
  });
});

describe("zones as places", () => {
  it("leaves out what is no zone and what no longer holds", () => {
    expect(zones.has("broken")).toBe(false);
    expect(zones.has("old")).toBe(false);
  });
  it("finds the smallest zone at a position, and none outside all", () => {
    expect(zonesAt(zones, 0.5, 0.5).map(({ id }) => id)).toEqual(["homs", "region"]);
    expect(zonesAt(zones, 50, 50)).toEqual([]);
  });
  it("does not count a hole as inside", () => {
    const outer = [
      [0, 0],
      [3, 0],
      [3, 3],
      [0, 3],
      [0, 0],
    ];
    const hole = [
      [1, 1],
      [2, 1],
      [2, 2],
      [1, 2],
      [1, 1],
    ];
    const ring = {
      type: "Feature",
      properties: { id: "ring" },
      geometry: { type: "MultiPolygon", coordinates: [[outer, hole]] },
    };
    const zone = readOutlines({ features: [ring] }, 0).get("ring") as Zone;
    expect(contains(zone, 0.5, 0.5)).toBe(true);
    expect(contains(zone, 1.5, 1.5)).toBe(false);
  });
  it("names a place in the reader's language, else English, else by id", () => {
    const homs = zones.get("homs");
    expect(nameOf(homs, "homs", "ar")).toEqual({ text: "حمص", lang: "ar" });
    expect(nameOf(homs, "homs", "tr")).toEqual({ text: "Homs", lang: "en" });
    expect(nameOf(undefined, "x", "ar").text).toBe("x");
    expect(otherName(homs as Zone, nameOf(homs, "homs", "en"))).toEqual({ text: "حمص", lang: "ar" });
  });
  it("frames them all", () => {
    expect(boxAround(zones.values())).toEqual([-1, 0, 11, 4]);
    expect(boxAround([])).toBeNull();
  });
});
