import { describe, expect, it } from "vitest";
import { type Language, LANGUAGES, wordsOf } from "../src/shared/i18n";
import type { ConsoleKey } from "../src/shared/i18n/console";
import type { Evidence } from "../src/operator/model/asked";
import type { Needed } from "../src/operator/model/wire";
import { blindOf, clearingOf, holdOf, otherwiseOf, whyOf } from "../src/operator/view/why";
import { voiceOf } from "../src/operator/voice";

const TEXTS = import.meta.glob<Record<ConsoleKey, string>>("../src/shared/i18n/console/*.json", { eager: true, import: "default" });

const voiceIn = (language: Language) => {
  const texts = TEXTS[`../src/shared/i18n/console/${language}.json`];
  const say = (key: ConsoleKey, filled: Readonly<Record<string, string>> = {}) => (texts?.[key] ?? "").replace(/\{(\w+)\}/g, (_, name: string) => filled[name] ?? "?");
  return voiceOf(wordsOf(language), say);
};

const needed = (kind: string, facts: Needed["facts"], otherwise = ""): Needed => ({
  id: "1", kind, why: "As the service says it.", since: null, deadline: null, otherwise, zones: [], zone_count: 0, people: 0, tracks: [], can: [], facts,
});

const KNOWN: readonly (readonly [Needed, string])[] = [
  [needed("ends", { operator: "desk", action: "raise", level: "take_cover", act: "1" }, "the policy decides again"), "desk"],
  [needed("ends", { operator: "desk", action: "cancel", level: null, act: "1" }, "what still threatens raises again"), "desk"],
  [needed("one_source", { track: "T-7", sensor: "hill" }), "T-7"],
  [needed("one_source", { track: "T-7", sensor: null }), "T-7"],
  [needed("growing", { probability: 0.42 }, "the likely time"), "42"],
  [needed("neighbour", { sources: "valley" }), "valley"],
  [needed("sensor", { name: "hill", state: "down" }), "hill"],
  [needed("approval", { operator: "desk", action: "raise", level: "take_cover", act: "1", rule: "wide" }, "it is let go"), "desk"],
  [needed("approval", { operator: "desk", action: "cancel", level: null, act: "1", rule: "cancel" }, "it is let go"), "desk"],
  [needed("approval", { operator: "settings", action: "switch", level: null, act: "1", rule: "drill" }, "it is let go"), "settings"],
  [needed("proposal", { threat: "drone", probability: 0.42, track: "T-7", eta_earliest: "2026-03-01T02:00:00Z", eta_likely: "2026-03-01T02:04:00Z" }, "cover is ordered"), "42"],
  [needed("proposal", { threat: "drone", probability: 0, track: "T-7", eta_earliest: null, eta_likely: null }, "cover is ordered"), ""],
  [needed("blind", { reason: "…", blindness: "mesh", failed: 6, count: 7, states: "down silent" }), "6"],
  [needed("blind", { reason: "…", blindness: "radar", failed: 6, count: 7, states: "clock" }), "7"],
  [needed("blind", { reason: "…", blindness: "lost", failed: 0, count: 0, states: "" }), ""],
  [needed("minutes", { threat: "drone", people: 731, share: 0.42, sensors: 3 }), "731"],
  [needed("channel", { name: "ward", state: "failing", said: "no answer" }), "ward"],
  [needed("channel", { name: "ward", state: "silent", said: "no number is set" }), "ward"],
  [needed("canary", { name: "ward", state: "silent", said: "heard nothing" }), "ward"],
  [needed("source", { name: "hills", state: "down", said: "is down: refused" }), "hills"],
];

const evidence = (degraded_reason: string | null, blindness: Evidence["blindness"]) => ({ degraded_reason, blindness }) as Evidence;
const held = { level: "take_cover", until: null, who: [], why: "As the service says it.", lingers: false } as const;
const RADARS = { kind: "radar", failed: 1, count: 2, states: ["down"] } as const;
const QUIET = { reachable: false, blind: false, earliest: null, why: "As the service says it." };

describe.each((Object.keys(LANGUAGES) as Language[]).filter((language) => language !== "en"))("the reasons in %s", (language) => {
  const voice = voiceIn(language);
  it.each(KNOWN)("are said anew from their facts", (one, fact) => {
    const { text, lang, rest } = whyOf(one, voice);
    expect(lang).toBe(language);
    // How something fails nobody but itself can say.
    expect(rest).toBe(one.facts.said ?? undefined);
    expect(text).not.toMatch(/[{}?]/);
    // Arabic and Persian write other digits.
    expect(text.replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15))).toContain(fact);
    if (one.otherwise !== "") expect(otherwiseOf(one, voice)).toEqual({ text: expect.not.stringContaining("{"), lang: language });
  });
  it("behind a zone are said anew, and each other than the next", () => {
    const told = [
      ...(["sensors", "impact", "neighbour", "reports"] as const).map((by) => holdOf({ ...held, by }, voice)),
      holdOf({ ...held, by: "sensors", lingers: true }, voice),
      holdOf({ ...held, by: "reports", level: "prepare" }, voice),
      clearingOf({ ...QUIET, reachable: true }, null, voice),
      clearingOf({ ...QUIET, blind: true }, RADARS, voice),
      clearingOf(QUIET, null, voice),
      clearingOf({ ...QUIET, earliest: "2026-03-01T02:00:00Z" }, null, voice),
      ...(["nothing", "removed", "lost"] as const).map((kind) => blindOf(evidence("…", { kind, failed: 0, count: 0, states: [] }), voice)),
      blindOf(evidence("…", RADARS), voice),
      blindOf(evidence("…", { ...RADARS, kind: "mesh" }), voice),
    ];
    for (const one of told) expect(one).toEqual({ text: expect.not.stringMatching(/[{}?]|As the service/), lang: language });
    expect(new Set(told.map((one) => one?.text)).size).toBe(told.length);
  });
  it("stay as they came where there are only words, or words that this page does not know", () => {
    for (const one of [needed("service", {}), needed("approval", { operator: "desk" }), needed("sensor", { name: "hill", state: "new" }), needed("blind", { reason: "another's words" }), needed("blind", { reason: "…", blindness: "mesh", failed: 1, count: 1, states: "new" }), needed("unheard_of", {}, "something")]) {
      expect(whyOf(one, voice)).toEqual({ text: "As the service says it.", lang: "en" });
    }
    expect(otherwiseOf(needed("unheard_of", {}, "something"), voice)).toEqual({ text: "something", lang: "en" });
    expect(holdOf({ ...held, by: "officer", why: "Three posts." }, voice)).toEqual({ text: "Three posts.", lang: "" });
    expect(clearingOf({ ...QUIET, blind: true }, null, voice)).toEqual({ text: QUIET.why, lang: "en" });
    expect(blindOf(evidence("another's words", null), voice)).toEqual({ text: "another's words", lang: "en" });
    expect(blindOf(evidence(null, null), voice)).toBe(null);
  });
});

it("English is the service's own", () => {
  expect(whyOf(needed("sensor", { name: "hill", state: "down" }), voiceIn("en"))).toEqual({ text: "As the service says it.", lang: "en" });
});
