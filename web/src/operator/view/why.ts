// Why something needs a decision, in the officer's language: said anew from what kind it is and its facts. What the
// service can only say in words (an officer's own reasons, what failed and how) stays as it came.

import type { Needed } from "../model/wire";
import type { Voice } from "../voice";

export interface Told {
  readonly text: string;
  /** The language it is in. */
  readonly lang: string;
}

const STATES = ["up", "unheard", "down", "silent", "flooded", "biased", "clock", "removed"];

type Facts = Needed["facts"];

const order = ({ action, level }: Facts, { say, level: levelled }: Voice) => (action === "raise" ? say("raised", { level: levelled(String(level)) }) : say("cancelled"));

function said({ kind, facts }: Needed, voice: Voice): string | null {
  const { say } = voice;
  const of = (name: string) => String(facts[name] ?? "");
  switch (kind) {
    case "ends":
      return say("why_ends", { order: order(facts, voice), who: of("operator") });
    case "one_source":
      return facts.sensor === null ? say("why_one_report", { track: of("track") }) : say("why_one_sensor", { track: of("track"), sensor: of("sensor") });
    case "growing":
      return say("why_growing", { share: voice.percent(Number(facts.probability)) });
    case "neighbour":
      return say("why_neighbour", { sources: of("sources") });
    case "sensor":
      return STATES.includes(of("state")) ? say("why_sensor", { name: of("name"), state: say(`state_${of("state")}` as "state_down") }) : null;
    default:
      return null;
  }
}

/** The reason. English is the service's own. */
export function whyOf(needed: Needed, voice: Voice): Told {
  const { language } = voice.words;
  const own = language === "en" ? null : said(needed, voice);
  return own === null ? { text: needed.why, lang: "en" } : { text: own, lang: language };
}

/** What happens where nobody decides; empty: nothing that is known. */
export function otherwiseOf(needed: Needed, voice: Voice): Told {
  const { words, say } = voice;
  const key = needed.kind === "ends" ? (needed.facts.action === "raise" ? "ends_raise" : "ends_cancel") : needed.kind;
  const known = ["approval", "proposal", "growing", "ends_raise", "ends_cancel"].includes(key);
  if (words.language === "en" || needed.otherwise === "" || !known) return { text: needed.otherwise, lang: "en" };
  return { text: say(`otherwise_${key}` as "otherwise_approval"), lang: words.language };
}
