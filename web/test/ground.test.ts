import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Ground } from "../src/shared/model/ground";

const NOW = Date.parse("2026-03-01T03:00:00Z");
const HOUR = 3_600_000;

const feature = (id: string, more: object = {}) => ({
  properties: { id, ...more },
  geometry: { type: "Polygon", coordinates: [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]] },
});

let asked: (RequestCache | undefined)[];
let served: object;
let kept: Map<string, string>;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  [asked, kept] = [[], new Map()];
  vi.stubGlobal("fetch", async (_url: string, { cache }: RequestInit) => {
    asked.push(cache);
    return new Response(JSON.stringify(served));
  });
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});
afterEach(() => void vi.useRealTimers());

const ids = (ground: Ground) => [...ground.zones.keys()];
const made = () => new Ground(() => undefined, Date.now);
const settled = () => vi.advanceTimersByTimeAsync(0);

describe("the ground", () => {
  it("is fetched once, and anew where the service tells of another cut, past what is kept on the way", async () => {
    served = { cut: "a", features: [feature("brim")] };
    const ground = made();
    ground.want();
    ground.compare("a", true);
    await settled();
    ground.compare("a", true);
    await settled();
    expect([ids(ground), asked]).toEqual([["brim"], ["default"]]);
    served = { cut: "b", features: [feature("brim-west")] };
    ground.compare("b", true);
    await settled();
    expect([ids(ground), asked]).toEqual([["brim-west"], ["default", "no-cache"]]);
    // Something in between still has the old ones: asked now and then, and not with every word.
    for (let k = 0; k < 60; k++) {
      ground.compare("c", true);
      await vi.advanceTimersByTimeAsync(10_000);
    }
    expect(asked.length).toBeLessThanOrEqual(5);
  });
  it("is fetched on a thin line where my places lie elsewhere since the last visit, and else not before it is wanted", async () => {
    kept.set("tocsin.cut", '"a"');
    served = { cut: "b", features: [feature("brim")] };
    const calm = made();
    calm.compare("a", true);
    calm.compare("b", false);
    await settled();
    expect(asked).toEqual([]);
    calm.compare("b", true);
    await settled();
    expect([ids(calm), asked.length]).toEqual([["brim"], 1]);
  });
  it("changes at the hour that its zones announce, on a page that stays open", async () => {
    const hour = new Date(NOW + HOUR).toISOString();
    served = { cut: "a", features: [feature("brim", { valid_to: hour }), feature("brim-west", { valid_from: hour }), feature("cole")] };
    const ground = made();
    ground.want();
    await settled();
    expect(ids(ground)).toEqual(["brim", "cole"]);
    await vi.advanceTimersByTimeAsync(HOUR + 2_000);
    expect([ids(ground), asked.length]).toEqual([["brim-west", "cole"], 1]);
  });
  it("is asked for again where it could not be had", async () => {
    served = { nothing: true };
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const ground = made();
    ground.want();
    await settled();
    expect(ground.state).toBe("failed");
    served = { cut: "a", features: [feature("brim")] };
    await vi.advanceTimersByTimeAsync(5_000);
    expect([ground.state, ids(ground)]).toEqual(["ready", ["brim"]]);
  });
});
