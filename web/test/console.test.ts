import { describe, expect, it } from "vitest";
import { sentFor } from "../src/operator/act/asked";
import { ruleFor } from "../src/operator/act/second";
import { statement } from "../src/operator/act/statement";
import { circle, distanceM, ellipse, peopleIn, type Place, zonesIn } from "../src/operator/map/geometry";
import { judged } from "../src/operator/model/console";
import { commandOf, KEYS } from "../src/operator/model/keys";
import { lackingOf, type Left, rowsOf } from "../src/operator/model/minutes";
import { changedPicture, pulsedPicture, readPicture, readPulse } from "../src/operator/model/picture";
import type { Settings } from "../src/operator/model/asked";
import type { Change, Picture } from "../src/operator/model/wire";
import { voiceOf } from "../src/operator/voice";
import { sayer, wordsOf } from "../src/shared/i18n";
import english from "../src/shared/i18n/console/en.json";
import { readOutlines } from "../src/shared/model/outlines";

const square = (id: string, west: number, south: number, population: number, parent: string | null = null) => ({
  id,
  properties: { id, name: id, population, parent },
  geometry: {
    type: "Polygon",
    coordinates: [[[west, south], [west + 0.2, south], [west + 0.2, south + 0.2], [west, south + 0.2], [west, south]]],
  },
});
const ZONES = readOutlines({ features: [square("brim", 36, 34, 90_000, "vale"), square("cole", 36.2, 34, 50_000, "vale"), square("vale", 36, 34, 140_000), square("far", 40, 34, 7)] }, 0);
const VOICE = voiceOf(wordsOf("en"), sayer(english));
const SETTINGS = { second_person: ["wide"], wide_zones: 2, wide_people: 100_000, waits_s: 300 } as unknown as Settings;
const FILLED = { level: "take_cover", lastsS: 1_800, whose: "all", prepared: null, publicReason: "", reason: "" } as const;
const SCENE = { zones: ZONES, drill: false, nowMs: Date.parse("2026-03-01T02:00:00Z"), settings: null, channels: 5, told: "" };

describe("minutes", () => {
  const left = (least: number | null, could: number | null): Left => ({ tracked_least_s: least, tracked_median_s: least, told_median_s: least, could });
  it("are listed where most people lost them first, then where there are fewest, and not where nothing can come", () => {
    const zones = [
      { zone: "far", usual: left(60, 0.4) },
      { zone: "brim", usual: left(600, 1), now: left(500, 0.9) },
      { zone: "vale", usual: left(null, null) },
      { zone: "cole", usual: left(600, 1), now: left(30, 0.2) },
      { zone: "new", usual: left(null, null), now: left(20, 0.1) },
    ];
    const rows = rowsOf({ threat: "jet", enough_usual: 0, enough_now: 0, zones }, ZONES);
    expect(rows.map(({ zone, changed }) => [zone, changed])).toEqual([["cole", true], ["brim", true], ["new", true], ["far", false]]);
    expect(rows[0]?.fewer).toBeCloseTo(40_000);
  });
  it("are coloured by how many have too few of them now, where anything can come", () => {
    const zones = [
      { zone: "brim", usual: left(600, 1), now: left(30, 0.25) },
      { zone: "far", usual: left(60, 1) },
      { zone: "vale", usual: left(20, 0.1), now: left(null, null) },
    ];
    expect([...lackingOf({ threat: "jet", enough_usual: 0, enough_now: 0, zones })]).toEqual([["brim", 0.75], ["far", 0]]);
  });
});

describe("areas", () => {
  it("touch every zone they overlap, also one that holds them whole, and no other", () => {
    expect(zonesIn(ZONES, circle([36.1, 34.1], 2_000)).map(({ id }) => id)).toEqual(["vale", "brim"]);
    expect(zonesIn(ZONES, circle([36.2, 34.1], 2_000)).map(({ id }) => id).sort()).toEqual(["brim", "cole", "vale"]);
    expect(zonesIn(ZONES, circle([36.1, 34.1], 90_000)).map(({ id }) => id)).not.toContain("far");
    // No corner of one lies in the other: they cross like a plus sign.
    expect(zonesIn(ZONES, [[35.9, 34.05], [36.15, 34.05], [36.15, 34.1], [35.9, 34.1], [35.9, 34.05]]).map(({ id }) => id)).toContain("brim");
  });
  it("are as wide as they say", () => {
    for (const point of circle([36, 60], 10_000)) expect(Math.abs(distanceM([36, 60], point as Place) - 10_000)).toBeLessThan(60);
  });
  it("count nobody twice: who lives in a zone that is part of another is counted there", () => {
    expect(peopleIn(["brim", "vale"], ZONES)).toBe(140_000);
    expect(peopleIn(["brim", "cole"], ZONES)).toBe(140_000);
    expect(peopleIn([], ZONES)).toBe(0);
  });
});

describe("ellipses", () => {
  it("lie along the longer axis", () => {
    const north = ellipse([36, 34], 10_000, 100, 0).map(([, lat]) => lat);
    const east = ellipse([36, 34], 10_000, 100, 90).map(([, lat]) => lat);
    expect(Math.max(...north) - 34).toBeGreaterThan(10 * (Math.max(...east) - 34));
  });
});

describe("what an act does", () => {
  it("is said with its zones, its people, its end, and that it is real", () => {
    const said = statement({ do: "raise", zones: ["brim", "cole"] }, FILLED, SCENE, VOICE);
    expect(said[0]).toContain("Take cover for brim, cole: 140,000 people, for 30 minutes");
    expect(said.at(-1)).toBe("THIS IS REAL. It is no drill.");
    expect(statement({ do: "raise", zones: ["brim"] }, FILLED, { ...SCENE, drill: true }, VOICE).at(-1)).toContain("DRILL");
  });
  it("is not said to go out at once where it waits for a second person", () => {
    const wide = statement({ do: "raise", zones: ["brim", "cole"] }, FILLED, { ...SCENE, settings: SETTINGS }, VOICE).join(" ");
    expect(wide).toContain("before another officer approves it");
    expect(wide).not.toContain("at once");
    expect(ruleFor("raise", 1, 7, SETTINGS)).toBe(null);
    expect(ruleFor("cancel", 1, 7, { ...SETTINGS, second_person: ["cancel"] })).toBe("cancel");
    expect(ruleFor("confirm", 99, 1e9, SETTINGS)).toBe(null);
  });
  it("is sent as it was said", () => {
    const raised = sentFor({ do: "raise", zones: ["brim"] }, { ...FILLED, reason: "seen" }, "a1", {});
    expect(raised).toEqual({
      to: "/v1/acts",
      body: { id: "a1", action: "raise", zones: ["brim"], level: "take_cover", lasts_s: 1_800, reason: "seen", public_reason: "" },
    });
    const taken = sentFor({ do: "retract", zones: ["brim"] }, { ...FILLED, prepared: "false-alarm" }, "a2", { "false-alarm": "It was none." });
    expect(taken).toEqual({ to: "/v1/retractions", body: { id: "a2", prepared: "false-alarm", whose: "all", reason: "" } });
    const cancelled = sentFor({ do: "cancel", zones: ["brim"] }, { ...FILLED, prepared: "false-alarm" }, "a3", { "false-alarm": "It was none." });
    expect(cancelled.body).toMatchObject({ action: "cancel", public_reason: "It was none." });
  });
});

describe("the picture", () => {
  const picture = { seq: 4, now: "2026-03-01T02:00:00Z", tracks: [{ id: "a" }, { id: "b" }], sensors: [], zones: [{ zone: "brim", level: "none" }], standing: [], waiting: [], channels: [], decisions: [] } as unknown as Picture;
  it("changes by what changed, and only by what follows it", () => {
    const change = { seq: 5, after: 4, now: picture.now, tracks: [{ id: "b", lat: 1 }], tracks_gone: ["a"] } as unknown as Change;
    expect(changedPicture(picture, change).tracks).toEqual([{ id: "b", lat: 1 }]);
    expect(changedPicture(picture, change).zones).toBe(picture.zones);
    expect(() => changedPicture(picture, { ...change, after: 3 })).toThrow();
  });
  it("grows older by a pulse that tells of the same decision", () => {
    const pulse = readPulse(JSON.stringify({ now: "2026-03-01T02:00:09Z", time: "2026-03-01T01:59:59Z" }));
    expect(pulsedPicture(picture, pulse)).toEqual({ ...picture, ...pulse });
    expect(() => readPulse(JSON.stringify({ now: "soon" }))).toThrow();
  });
  it("is refused where something is missing", () => {
    expect(() => readPicture(JSON.stringify({ seq: 1, now: "2026-03-01T02:00:00Z" }))).toThrow();
    expect(() => readPicture("[]")).toThrow();
    expect(readPicture(JSON.stringify(picture)).seq).toBe(4);
  });
  it("is live only while it is fresh and the line speaks", () => {
    expect(judged(picture, 1_000, 2_000)).toBe("live");
    expect(judged(picture, 6_000, 2_000)).toBe("lost");
    expect(judged(picture, 1_000, 16_000)).toBe("stale");
    expect(judged(picture, 1_000, null)).toBe("stale");
    expect(judged(null, 1_000, null)).toBe("waiting");
  });
});

describe("keys", () => {
  const press = (key: string, more = {}) => commandOf({ key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, writing: false, ...more });
  it("do one thing each, and nothing while somebody writes or leans on the keyboard", () => {
    expect(new Set(KEYS.map(([key]) => key)).size).toBe(KEYS.length);
    expect(press("d")).toBe("draw");
    expect(press("D")).toBe("draw");
    for (const more of [{ writing: true }, { repeat: true }, { ctrlKey: true }, { metaKey: true }, { altKey: true }]) expect(press("t", more)).toBe(null);
  });
});
