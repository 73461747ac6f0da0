import { beforeEach, describe, expect, it, vi } from "vitest";
import { isThin } from "../src/shared/model/line";
import { rememberedLast, rememberLast } from "../src/shared/model/last";
import type { ZoneState } from "../src/shared/model/messages";
import { standing } from "../src/shared/model/place";
import type { Picture } from "../src/shared/model/picture";
import { ask } from "../src/shared/model/poll";
import { distanceM, nearest, sheltersOf, walkS } from "../src/shared/model/shelters";
import { judge } from "../src/shared/model/trust";

const NOW = Date.parse("2026-03-01T03:00:00Z");
const MINUTE = 60_000;

function zone(id: string, more: Partial<ZoneState> = {}): ZoneState {
  const none = { sinceMs: NOW, expiresMs: null, etaEarliestMs: null, etaLikelyMs: null, threat: null, publicReason: null };
  return { zone: id, level: "none", degraded: false, lessTime: false, drill: false, ...none, ...more };
}

const picture = (...states: ZoneState[]): Picture => ({
  ...{ seq: 1, drill: true, degraded: false, pictureAtMs: NOW },
  zones: new Map(states.map((state) => [state.zone, state])),
});

let kept: Map<string, string>;
beforeEach(() => {
  kept = new Map();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});

describe("without a line", () => {
  it("the last known picture is there again, with what was warned and with my own zones", () => {
    const cover = zone("b", { level: "take_cover", expiresMs: NOW + 10 * MINUTE });
    rememberLast(picture(zone("a"), cover, zone("c")), ["a"], NOW, NOW - 5_000);
    const last = rememberedLast();
    expect(last?.aheadMs).toBe(5_000);
    expect([...(last?.picture.zones.keys() ?? [])]).toEqual(["a", "b"]);
    expect(last?.picture.zones.get("b")).toEqual(cover);
    expect(last?.picture.drill).toBe(true);
  });
  it.each(["{", "{}", '{"aheadMs": 1, "state": {}}', '{"aheadMs": "x"}', "[]"])("what was kept and is not understood is forgotten: %s", (text) => {
    kept.set("tocsin.last", text);
    expect(rememberedLast()).toBeNull();
  });
  it("nothing that was calm is calm, and what was warned is the last known word until its time is over", () => {
    const lost = judge({ picture: picture(), heardAtMs: null, monotonicMs: 100, startedAtMs: 0, serverMs: NOW + 9 * MINUTE, offline: true });
    expect(lost).toEqual({ kind: "lost", silentMs: 9 * MINUTE });
    for (const level of ["none", "all_clear"] as const) expect(standing(["a"], picture(zone("a", { level })), lost, NOW).word).toBe("unknown");
    const cover = picture(zone("a", { level: "take_cover", expiresMs: NOW + 10 * MINUTE }));
    expect(standing(["a"], cover, lost, NOW + 9 * MINUTE)).toMatchObject({ word: "take_cover", lastKnown: true, ranOut: null });
  });
  it("a raid whose upstream went dark closes as not known, and says what was known last", () => {
    const cover = zone("a", { level: "take_cover", expiresMs: NOW + 10 * MINUTE });
    const after = standing(["a"], picture(cover), { kind: "stale", ageMs: 11 * MINUTE }, NOW + 11 * MINUTE);
    expect(after).toMatchObject({ word: "unknown", lastKnown: false, ranOut: cover });
    // While the service itself is heard, it decides, whatever the device's clock may say.
    expect(standing(["a"], picture(cover), { kind: "live" }, NOW + 11 * MINUTE).word).toBe("take_cover");
  });
  it("a page that is not heard of yet waits, whatever it kept", () => {
    expect(judge({ picture: picture(), heardAtMs: null, monotonicMs: 100, startedAtMs: 0, serverMs: NOW }).kind).toBe("waiting");
  });
});

describe("a thin line", () => {
  it("is one whose owner saves data, or that is as slow as the oldest", () => {
    const thin = [{ saveData: true }, { effectiveType: "2g" }, { effectiveType: "slow-2g" }];
    expect(thin.map((connection) => isThin({ connection }))).toEqual([true, true, true]);
    expect([isThin({ connection: { effectiveType: "4g" } }), isThin({})]).toEqual([false, false]);
  });
});

describe("the nearest shelters", () => {
  it("are found on the device, and take longer on foot than the crow", () => {
    const feature = (name: string, lon: number, note?: string) => ({ properties: { name, note }, geometry: { coordinates: [lon, 0] } });
    const shelters = sheltersOf({ features: [feature("far", 1), feature("near", 0.001, "cellar"), null, feature("", 5), { geometry: null }] });
    const [first, second] = nearest(shelters, [0, 0], 2);
    expect([first?.name, first?.note, second?.name]).toEqual(["near", "cellar", "far"]);
    // A degree of the equator, 111,195 m.
    expect(distanceM([0, 0], [1, 0])).toBeCloseTo(111_195, -1);
    expect(walkS(660)).toBeGreaterThan(600);
    expect(() => sheltersOf({ features: 3 })).toThrow();
  });
});

describe("asking now and then", () => {
  const asked = async (zones: readonly string[] | null): Promise<string> => {
    let url = "";
    vi.stubGlobal("fetch", async (to: string) => {
      url = to;
      return new Response(JSON.stringify({ now: "2026-03-01T03:00:00Z", picture_at: null, degraded: true, drill: true, seq: 1, zones: [] }));
    });
    await ask(zones);
    return url;
  };
  it("names my zones, and asks for all where they are too many to be named: none is left out", async () => {
    expect(await asked(["a", "b c", "a"])).toBe("/v1/zones?zone=&zone=a&zone=b+c");
    expect([await asked([]), await asked(null)]).toEqual(["/v1/zones?zone=", "/v1/zones"]);
    expect(await asked(Array.from({ length: 100 }, (_, i) => `z${i}`))).toBe("/v1/zones");
  });
});
