import { describe, expect, it } from "vitest";
import { backdropTiles } from "../build/backdrop.ts";
import { LANGUAGES, type Language, loadTexts, pickLanguage, wordsOf } from "../src/shared/i18n";
import english from "../src/shared/i18n/en.json";

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe.each(Object.keys(LANGUAGES) as Language[])("the texts in %s", (language) => {
  it("say everything the English ones say, with the same places to fill", async () => {
    const texts = await loadTexts(language);
    expect(Object.keys(texts).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(english)) {
      expect(places(texts[key as keyof typeof english]), key).toEqual(places(text));
      expect(texts[key as keyof typeof english].trim(), key).not.toBe("");
    }
  });
  it("have different words for all clear, no warning and not known", async () => {
    const texts = await loadTexts(language);
    expect(new Set([texts.level_all_clear, texts.level_none, texts.level_unknown, texts.level_degraded]).size).toBe(4);
  });
});

// Texts of one page, or one part of it: `signin/de.json`.
const OWN = import.meta.glob<Record<string, string>>("../src/shared/i18n/*/*.json", { eager: true, import: "default" });
// A part that is still being written speaks English only.
const folders = [...new Set(Object.keys(OWN).map((path) => path.replace(/\/\w+\.json$/, "")))].filter((one) => `${one}/ar.json` in OWN);

describe.each(folders)("the texts that parts of a page have of their own, in %s", (folder) => {
  it.each(Object.keys(LANGUAGES))("say the same in %s, with the same places to fill", (language) => {
    const [own, first] = [OWN[`${folder}/${language}.json`], OWN[`${folder}/en.json`]];
    expect(Object.keys(own ?? {})).toEqual(Object.keys(first ?? {}));
    for (const [key, text] of Object.entries(own ?? {})) {
      expect(places(text), key).toEqual(places(first?.[key] ?? ""));
      expect(text.trim(), key).not.toBe("");
    }
  });
});

describe("words", () => {
  it("follow the browser where the page speaks its language", () => {
    expect(pickLanguage(["xx", "uk-UA", "en"])).toBe("uk");
    expect(pickLanguage(["iw"])).toBe("he");
    expect(pickLanguage([])).toBe("en");
  });
  it("read times as people do", () => {
    const words = wordsOf("en");
    expect([words.clock(9), words.clock(151), words.clock(3_723)]).toEqual(["0:09", "2:31", "1:02:03"]);
    expect([words.duration(1), words.duration(119), words.duration(120), words.duration(7_200)]).toEqual([
      "1 second",
      "119 seconds",
      "2 minutes",
      "2 hours",
    ]);
    expect(words.say("age", { time: "2 seconds" })).toBe("Picture 2 seconds old");
    expect([wordsOf("fa").direction, words.direction]).toEqual(["rtl", "ltr"]);
  });
});

describe("the backdrop", () => {
  it("has land in the tile of Damascus, inside the tile, and none in mid-ocean", () => {
    const tiles = backdropTiles();
    expect(tiles.has("-40_-40.json")).toBe(false);
    const { land } = JSON.parse(tiles.get("30_30.json") as string) as { land: number[][] };
    for (const line of land) {
      let [x, y] = [0, 0];
      for (let i = 0; i < line.length; i += 2) {
        [x, y] = [x + (line[i] as number), y + (line[i + 1] as number)];
        expect(x / 500 >= 30 && x / 500 <= 40 && y / 500 >= 30 && y / 500 <= 40).toBe(true);
      }
    }
  }, 60_000);
});
