import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ServerClock } from "../src/shared/model/clock";
import { BadMessage, type Level, readPulse, readState, type ZoneState } from "../src/shared/model/messages";
import { blindZones, changedPicture, type Picture, pulsedPicture, wholePicture } from "../src/shared/model/picture";
import { standing, withParents } from "../src/shared/model/place";
import { judge, type Trust, wordsOf } from "../src/shared/model/trust";
import { byUrgency, countdown, mostUrgent, released, underWarning } from "../src/shared/model/urgency";

const NOW = Date.parse("2026-01-01T00:00:00Z");

function zone(id: string, level: Level = "none", more: Partial<ZoneState> = {}): ZoneState {
  const none = { sinceMs: null, expiresMs: null, etaEarliestMs: null, etaLikelyMs: null, threat: null };
  return { zone: id, level, degraded: false, lessTime: false, drill: false, publicReason: null, ...none, ...more };
}

function picture(zones: ZoneState[], more: Partial<Picture> = {}): Picture {
  const whole = { seq: 5, cut: null, drill: false, degraded: false, nowMs: NOW, pictureAtMs: NOW, zones };
  return { ...wholePicture(whole), ...more };
}

const evidence = { picture: picture([]), heardAtMs: 1_000, monotonicMs: 1_500, startedAtMs: 0, serverMs: NOW };

const live: Trust = { kind: "live" };
const doubts: Trust[] = [
  { kind: "lost", silentMs: 6_000 },
  { kind: "stale", ageMs: 20_000 },
  { kind: "no_picture" },
  { kind: "waiting" },
];

describe("whether the page may be believed", () => {
  it("is live while pulses come and the picture is fresh", () => {
    expect(judge(evidence)).toEqual({ kind: "live" });
  });
  it("is lost after five seconds without a word, whatever the picture said", () => {
    expect(judge({ ...evidence, monotonicMs: 6_000 }).kind).toBe("live");
    expect(judge({ ...evidence, monotonicMs: 6_001 })).toEqual({ kind: "lost", silentMs: 5_001 });
  });
  it("is lost when nothing ever arrived, and waiting before that", () => {
    const nothing = { ...evidence, picture: null, heardAtMs: null, serverMs: null };
    expect(judge({ ...nothing, monotonicMs: 4_000 }).kind).toBe("waiting");
    expect(judge({ ...nothing, monotonicMs: 5_001 }).kind).toBe("lost");
  });
  it("is stale when the service pulses but its picture stands still", () => {
    expect(judge({ ...evidence, serverMs: NOW + 15_001 })).toEqual({ kind: "stale", ageMs: 15_001 });
  });
  it("has no picture when the service says it has none", () => {
    expect(judge({ ...evidence, picture: picture([], { pictureAtMs: null }) }).kind).toBe("no_picture");
  });
  it("is degraded when the service says so", () => {
    expect(judge({ ...evidence, picture: picture([], { degraded: true }) }).kind).toBe("degraded");
  });
});

describe("the picture", () => {
  it("keeps zones that a change does not name", () => {
    const after = changedPicture(picture([zone("a", "prepare"), zone("b")]), {
      ...{ seq: 6, nowMs: NOW, pictureAtMs: NOW, degraded: false },
      zones: [zone("b", "take_cover")],
    });
    expect([...after.zones.values()].map(({ level }) => level)).toEqual(["prepare", "take_cover"]);
  });
  it("is not altered by a change from its past", () => {
    const before = picture([zone("a", "take_cover")]);
    const late = { seq: 4, nowMs: NOW, pictureAtMs: NOW, degraded: false, zones: [zone("a", "all_clear")] };
    expect(changedPicture(before, late)).toBe(before);
  });
  it("ages and goes blind by pulses", () => {
    const after = pulsedPicture(picture([]), { nowMs: NOW, pictureAtMs: NOW - 9_000, degraded: true });
    expect([after.pictureAtMs, after.degraded]).toEqual([NOW - 9_000, true]);
  });
  it("is blind everywhere when the service does not say where", () => {
    const zones = [zone("a"), zone("b")];
    expect([...blindZones(picture(zones, { degraded: true }))]).toEqual(["a", "b"]);
    expect([...blindZones(picture([zone("a", "none", { degraded: true }), zone("b")], { degraded: true }))]).toEqual([
      "a",
    ]);
  });
});

describe("my place", () => {
  it.each(doubts)("is never calm when the page is blind: $kind", (trust) => {
    for (const level of ["none", "all_clear"] as const) {
      expect(standing(["a"], picture([zone("a", level)]), trust).word).toBe("unknown");
    }
  });
  it.each(doubts)("keeps its last known warning when the page is blind: $kind", (trust) => {
    for (const level of ["prepare", "take_cover"] as const) {
      expect(standing(["a"], picture([zone("a", level)]), trust)).toMatchObject({ word: level, lastKnown: true });
    }
  });
  it("is not known when the service does not list it", () => {
    expect(standing(["elsewhere"], picture([zone("a")]), live).word).toBe("unknown");
    expect(standing(["a"], null, live).word).toBe("unknown");
  });
  it("is not calm where the service may be blind, and is where it is not", () => {
    const half = picture([zone("a", "all_clear", { degraded: true }), zone("b", "all_clear")], { degraded: true });
    expect(standing(["a"], half, { kind: "degraded" }).word).toBe("unknown");
    expect(standing(["b"], half, { kind: "degraded" }).word).toBe("all_clear");
  });
  it("takes the worst of its zone and the zones it is part of", () => {
    const outlines = new Map([
      ["town", { parent: "region" }],
      ["region", { parent: "town" }],
    ]);
    const ids = withParents("town", outlines as never);
    expect(ids).toEqual(["town", "region"]);
    expect(standing(ids, picture([zone("town"), zone("region", "take_cover")]), live).word).toBe("take_cover");
  });
});

describe("what may be said of a zone", () => {
  const levels: Level[] = ["none", "prepare", "take_cover", "all_clear"];
  const cases = levels.flatMap((level) =>
    [false, true].flatMap((here) =>
      [false, true].flatMap((elsewhere) =>
        [false, true].flatMap((service) =>
          [live, { kind: "degraded" } as Trust, ...doubts].map((trust) => ({ level, here, elsewhere, service, trust })),
        ),
      ),
    ),
  );
  it("is the truth about warnings, and calm only where nobody may be blind", () => {
    for (const { level, here, elsewhere, service, trust } of cases) {
      const state = zone("a", level, { degraded: here });
      const whole = picture([state, zone("b", "none", { degraded: elsewhere })], { degraded: service });
      const blind = here || (service && !elsewhere) || doubts.includes(trust);
      const calm = level === "none" || level === "all_clear";
      const word = wordsOf(whole, trust)(state);
      expect(word, JSON.stringify({ level, here, elsewhere, service, trust })).toBe(calm && blind ? "unknown" : level);
      expect(standing(["a"], whole, trust).word).toBe(word);
    }
  });
  it("is nothing of a zone the picture does not tell of, nor without a picture", () => {
    for (const trust of [live, ...doubts]) expect(wordsOf(picture([]), trust)(undefined)).toBe("unknown");
    expect(wordsOf(null, live)(zone("a", "all_clear"))).toBe("unknown");
    expect(wordsOf(null, live)(zone("a", "take_cover"))).toBe("take_cover");
  });
  it("is decided in one place: no view looks at a zone's own doubt", () => {
    const folder = new URL("../src/public/", import.meta.url);
    const views = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
    expect(views.length).toBeGreaterThan(10);
    for (const name of views) {
      const text = readFileSync(new URL(name, folder), "utf8");
      expect(text, name).not.toMatch(/\bstate\??\.degraded\b|level === "all_clear"/);
    }
  });
});

describe("urgency", () => {
  it("counts down in whole seconds, never more than there are, and then says now", () => {
    const state = zone("a", "take_cover", { etaEarliestMs: NOW + 61_900 });
    expect(countdown(state, NOW)).toEqual({ kind: "in", seconds: 61 });
    expect(countdown(state, NOW + 61_500)).toEqual({ kind: "now" });
    expect(countdown(state, NOW + 999_000)).toEqual({ kind: "now" });
  });
  it("has no countdown without a warning, and no promise without an arrival time", () => {
    expect(countdown(zone("a", "all_clear", { etaEarliestMs: NOW }), NOW)).toBeNull();
    expect(countdown(zone("a", "prepare"), NOW)).toEqual({ kind: "unknown" });
  });
  it("puts cover before prepare, sooner before later, unknown first", () => {
    const states = [
      zone("late", "take_cover", { etaEarliestMs: NOW + 9 }),
      zone("quiet"),
      zone("over", "all_clear"),
      zone("soon", "take_cover", { etaEarliestMs: NOW + 1 }),
      zone("ready", "prepare", { etaEarliestMs: NOW }),
      zone("any", "take_cover"),
    ];
    expect(underWarning(states).map((state) => state.zone)).toEqual(["any", "soon", "late", "ready"]);
    // Whoever is released is under no warning.
    expect(released(states).map((state) => state.zone)).toEqual(["over"]);
    expect(mostUrgent(states)?.zone).toBe("any");
    expect(byUrgency(states[0] as ZoneState, states[3] as ZoneState)).toBeGreaterThan(0);
  });
});

describe("the clock", () => {
  it("does not care what the device believes, and trusts the fastest message", () => {
    const clock = new ServerClock();
    expect(clock.nowMs(0)).toBeNull();
    clock.observe(NOW, 1_000);
    clock.observe(NOW + 1_000, 3_500); // a second and a half late
    expect(clock.nowMs(5_000)).toBe(NOW + 4_000);
  });
  it("follows a service whose clock was set back", () => {
    const clock = new ServerClock();
    clock.observe(NOW, 0);
    for (let i = 1; i <= 30; i++) clock.observe(NOW - 60_000 + i, i);
    expect(clock.nowMs(100)).toBe(NOW - 60_000 + 100);
  });
});

describe("messages", () => {
  const good = { now: "2026-01-01T00:00:00Z", picture_at: null, degraded: false, seq: 1, drill: true };
  it("are read with their times", () => {
    const row = { zone: "a", level: "prepare", eta_earliest: "2026-01-01T00:01:00.500000Z" };
    const state = readState(JSON.stringify({ ...good, zones: [row] }));
    expect(state).toMatchObject({ nowMs: NOW, pictureAtMs: null, drill: true, seq: 1 });
    expect(state.zones[0]).toMatchObject({ level: "prepare", etaEarliestMs: NOW + 60_500, degraded: false, publicReason: null });
  });
  it.each([
    "",
    "null",
    "[]",
    "{}",
    '{"now":"soon","picture_at":null,"degraded":false}',
    '{"now":"2026-01-01T00:00:00Z"}',
    JSON.stringify({ ...good, zones: [{ zone: "a", level: "calm" }] }),
    JSON.stringify({ ...good, zones: [{ level: "none" }] }),
    JSON.stringify({ ...good, zones: {} }),
  ])("are refused when they make no sense: %s", (text) => {
    expect(() => readState(text)).toThrow(BadMessage);
    if (!text.includes("zones")) expect(() => readPulse(text)).toThrow(BadMessage);
  });
});
