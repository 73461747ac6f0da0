import { describe, expect, it } from "vitest";
import { troubledOf } from "../src/shared/model/sites";

const site = { id: "field", name: "Northern Airport", state: "out_of_service", note: "fog", until: null };

describe("the sites that do not work as always", () => {
  it("are told with since when, until when and why", () => {
    const [found] = troubledOf({ sites: [{ ...site, since: "2026-03-01T00:00:00Z" }] });
    expect(found).toMatchObject({ name: "Northern Airport", state: "out_of_service", note: "fog", untilMs: null });
    expect(found?.sinceMs).toBe(Date.UTC(2026, 2, 1));
  });
  it("are not those that are open, nor what is no site", () => {
    expect(troubledOf({ sites: [{ ...site, state: "open" }, null, 7, { id: "x" }] })).toEqual([]);
    expect(() => troubledOf({ error: "no" })).toThrow();
  });
});
