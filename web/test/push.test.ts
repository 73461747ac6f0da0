import { expect, it } from "vitest";
import { type Notice, sameWord } from "../src/shared/model/push";

const told: Notice = {
  tag: "together",
  level: "take_cover",
  title: "Take cover",
  body: "",
  time: "2026-03-01T03:00:00Z",
  expires: "2026-03-01T03:10:00Z",
  zones: ["north", "south"],
};

it("wakes nobody for the same word about the same places", () => {
  expect(sameWord(told, { ...told, time: "2026-03-01T03:05:00.5Z" })).toBe(true);
  expect(sameWord(told, { ...told, zones: ["south"] })).toBe(true);
});

it("wakes for another level, another place, a raid after a drill, and a night after the last", () => {
  const others: Partial<Notice>[] = [{ level: "all_clear" }, { zones: ["north", "east"] }, { drill: true }];
  for (const other of [...others, { time: "2026-03-02T03:00:00Z" }]) {
    expect(sameWord(told, { ...told, ...other })).toBe(false);
  }
  expect(sameWord({ ...told, drill: true }, told)).toBe(false);
  expect(sameWord(undefined, told)).toBe(false);
  // It came in a pause: said again after it, it is new.
  expect(sameWord({ ...told, unheard: true }, told)).toBe(false);
});
