import { describe, expect, it } from "vitest";
import { adviceOf } from "../src/shared/model/inside";
import type { Level, ZoneState } from "../src/shared/model/messages";

const NOW = Date.parse("2026-03-01T03:00:00Z");

function state(level: Level, inS: number | null): ZoneState {
  const none = { sinceMs: null, expiresMs: null, etaLikelyMs: NOW + 3_600_000, threat: null, publicReason: null };
  return { ...none, zone: "a", level, degraded: false, lessTime: false, drill: false, etaEarliestMs: inS === null ? null : NOW + inS * 1_000 };
}

const kind = (level: Level, inS: number | null, needS: number) => adviceOf(state(level, inS), needS, NOW)?.kind ?? null;

describe("what there is time for", () => {
  it("is to walk while the way is shorter than the time, and the inner room when it is longer", () => {
    expect([kind("take_cover", 600, 180), kind("take_cover", 190, 180), kind("take_cover", 179, 180)]).toEqual([
      "go",
      "hurry",
      "inner_room",
    ]);
  });
  it("is the inner room once it may come at any moment, and for who is inside already", () => {
    expect([kind("take_cover", 0, 30), kind("take_cover", -60, 30), kind("take_cover", 600, 0)]).toEqual(Array(3).fill("inner_room"));
  });
  it("is to go at once where nobody knows how long there is", () => {
    expect([kind("take_cover", null, 180), kind("prepare", null, 180)]).toEqual(["hurry", null]);
  });
  it("is to leave while others wait, for who needs longer than they", () => {
    expect([kind("prepare", 1_200, 180), kind("prepare", 1_200, 1_100), kind("prepare", 600, 900)]).toEqual([
      "leave_by",
      "hurry",
      "inner_room",
    ]);
  });
  it("is nothing where nothing is coming", () => {
    expect([kind("none", 60, 60), kind("all_clear", 60, 60), kind("prepare", 600, 0)]).toEqual([null, null, null]);
  });
  it("never promises more than the earliest arrival, whatever the likely one is", () => {
    for (let inS = 0; inS <= 2_000; inS += 7) {
      for (const needS of [30, 90, 300, 1_200]) {
        for (const level of ["take_cover", "prepare"] as const) {
          const advice = adviceOf(state(level, inS), needS, NOW);
          if (advice?.kind === "go" || advice?.kind === "hurry") expect(inS).toBeGreaterThanOrEqual(needS);
          if (advice?.kind === "leave_by") expect(advice.byMs + needS * 1_000).toBeLessThan(NOW + inS * 1_000);
        }
      }
    }
  });
});
