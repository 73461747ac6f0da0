import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../src/shared/i18n";
import { POSTS } from "../src/shared/i18n/posts";
import { SPOTTER } from "../src/shared/i18n/spotter";
import { headingOf } from "../src/spotter/model/compass";
import { likely } from "../src/spotter/model/position";
import { type Body, made, open, type Report, timed, wire } from "../src/spotter/model/report";
import { codeIn } from "../src/spotter/view/joining";
import { stateKey } from "../src/spotter/view/reports";
import { degreesOf, WAYS, wayOf } from "../src/spotter/view/way";

const BODY: Body = { what: "drone", sense: "seen", post: null, bearing_deg: 40, distance_m: null, at: null, heading_deg: null };
const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe.each([SPOTTER, POSTS].flatMap((own) => Object.keys(LANGUAGES).map((language) => ({ own, language }))))("texts in $language", ({ own, language }) => {
  it("say everything the English ones say, with the same places to fill", async () => {
    const english: Readonly<Record<string, string>> = own.english;
    const load = own.others[`./${language}.json`];
    const texts: Readonly<Record<string, string>> = load === undefined ? english : (await load()).default;
    expect(language === "en" || load !== undefined).toBe(true);
    expect(Object.keys(texts).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(english)) {
      expect(places(texts[key] ?? ""), key).toEqual(places(text));
      expect(texts[key]?.trim(), key).not.toBe("");
    }
  });
});

describe("a compass", () => {
  it("tells where the top points of a phone that lies flat", () => {
    for (const degrees of [0, 45, 90, 200, 359]) expect(headingOf((360 - degrees) % 360, 0, 0)).toBeCloseTo(degrees, 6);
  });
  it("tells where the back points of one that is held up", () => {
    for (const degrees of [0, 45, 90, 200, 359]) expect(headingOf((360 - degrees) % 360, 90, 0)).toBeCloseTo(degrees, 6);
    expect(headingOf(0, 70, 0)).toBeCloseTo(0, 6);
  });
});

describe("a report", () => {
  it("keeps the time at which it was made, by the service's clock, whenever it is sent", () => {
    const early = made(BODY, 1_000_000, 500);
    expect(timed(early, 99_999).time).toBe(new Date(1_000_500).toISOString());
    const blind = made(BODY, 1_000_000, null);
    const sent = timed(blind, 7_000);
    expect(sent.time).toBe(new Date(1_007_000).toISOString());
    // Sent again, it is the same, whatever the clock says by then.
    expect(timed(sent, 123_456)).toEqual(sent);
  });
  it("is sent without what is not known, and under an id of its own", () => {
    const [one, other] = [made(BODY, 0, 0), made(BODY, 0, 0)];
    expect(one.id).not.toBe(other.id);
    expect(wire(timed(one, 0))).toEqual({ id: one.id, time: "1970-01-01T00:00:00.000Z", what: "drone", sense: "seen", bearing_deg: 40 });
  });
  it("is asked after until it is over", () => {
    const kept: Report = { ...made(BODY, 0, 0), state: "kept" };
    expect([open(kept, 1_000), open(kept, 3_600_000), open({ ...kept, state: "quiet" }, 1_000)]).toEqual([true, false, false]);
  });
  it("that was refused says why, as far as it can be told in words", () => {
    const refused = (why: string): Report => ({ ...made(BODY, 0, 0), state: "refused", why });
    expect(["old", "revoked", "malformed"].map((why) => stateKey(refused(why)))).toEqual(["state_old", "state_revoked", "state_refused"]);
  });
});

describe("small things", () => {
  it("find the code in a link, and in what was pasted", () => {
    for (const text of ["https://alarm.example/spotter#abc-D", "#abc-D", " abc-D\n"]) expect(codeIn(text)).toBe("abc-D");
  });
  it("name every way by the eighth of the circle in which it lies", () => {
    expect(WAYS.map((way) => wayOf(degreesOf(way)))).toEqual([...WAYS]);
    expect([wayOf(359), wayOf(22), wayOf(23)]).toEqual(["n", "n", "ne"]);
  });
  it("doubt a position far from all zones, or a rough one", () => {
    const square = [[[8, 46], [8.1, 46], [8.1, 46.1], [8, 46.1], [8, 46]]] as const;
    const zone = { id: "a", names: "A", spellings: [], population: 1, shelterS: null, parent: null, parentNames: null, parentSpellings: [] };
    const zones = new Map([["a", { ...zone, polygons: [square], box: [8, 46, 8.1, 46.1] as const }]]);
    expect(likely({ lat: 46.5, lon: 8.5, accuracy_m: 20 }, zones)).toBe(true);
    expect(likely({ lat: 51, lon: 8, accuracy_m: 20 }, zones)).toBe(false);
    expect(likely({ lat: 46.5, lon: 8.5, accuracy_m: 9_000 }, zones)).toBe(false);
  });
});
