import { describe, expect, it } from "vitest";
import { type Language, LANGUAGES, wordsOf } from "../src/shared/i18n";
import type { ConsoleKey } from "../src/shared/i18n/console";
import type { Needed } from "../src/operator/model/wire";
import { otherwiseOf, whyOf } from "../src/operator/view/why";
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
];

describe.each((Object.keys(LANGUAGES) as Language[]).filter((language) => language !== "en"))("the reasons in %s", (language) => {
  const voice = voiceIn(language);
  it.each(KNOWN)("are said anew from their facts", (one, fact) => {
    const { text, lang } = whyOf(one, voice);
    expect(lang).toBe(language);
    expect(text).not.toMatch(/[{}?]/);
    // Arabic and Persian write other digits.
    expect(text.replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15))).toContain(fact);
    if (one.otherwise !== "") expect(otherwiseOf(one, voice)).toEqual({ text: expect.not.stringContaining("{"), lang: language });
  });
  it("stay as they came where there are only words, or words that this page does not know", () => {
    for (const one of [needed("service", {}), needed("approval", { operator: "desk" }), needed("sensor", { name: "hill", state: "new" }), needed("unheard_of", {}, "something")]) {
      expect(whyOf(one, voice)).toEqual({ text: "As the service says it.", lang: "en" });
    }
    expect(otherwiseOf(needed("unheard_of", {}, "something"), voice)).toEqual({ text: "something", lang: "en" });
  });
});

it("English is the service's own", () => {
  expect(whyOf(needed("sensor", { name: "hill", state: "down" }), voiceIn("en"))).toEqual({ text: "As the service says it.", lang: "en" });
});
