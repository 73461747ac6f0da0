import { describe, expect, it } from "vitest";
import { rangElsewhere, SAME_MS, toRing } from "../src/shared/model/rung";

describe("of several pages of a device", () => {
  it("one rings: another that rang lately keeps this one quiet, and what it rang itself it rings again", () => {
    const rung = { page: "a", atMs: 1_000 };
    expect(rangElsewhere(rung, "b", 1_000 + SAME_MS - 1)).toBe(true);
    expect(rangElsewhere(rung, "b", 1_000 + SAME_MS)).toBe(false);
    expect(rangElsewhere(rung, "a", 1_001)).toBe(false);
    expect(rangElsewhere(undefined, "b", 1_001)).toBe(false);
    // A clock that was set back keeps nobody quiet for a day.
    expect(rangElsewhere(rung, "b", 1_000 - SAME_MS)).toBe(false);
  });
  it("every one rings where nothing can be kept", async () => {
    expect(await toRing(["brim take_cover 1"], "a")).toEqual(["brim take_cover 1"]);
  });
});
