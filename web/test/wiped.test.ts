import { describe, expect, it, vi } from "vitest";
import { end, read, write } from "../src/spotter/model/kept";

describe("what is kept on a spotter's device", () => {
  it("is opened no more once all was erased, whatever was under way: nothing is written anew", async () => {
    const opened = vi.fn();
    vi.stubGlobal("indexedDB", { open: opened });
    end();
    await expect(read("secret")).rejects.toThrow("erased");
    await expect(write("offsetMs", 3)).rejects.toThrow("erased");
    expect(opened).not.toHaveBeenCalled();
  });
});
