// Why something needs a decision, in the officer's language: said anew from what kind it is and its facts. What the
// service can only say in words (an officer's own reasons, what failed and how) stays as it came.

import type { Blindness, Clearing, Evidence, Hold } from "../model/asked";
import type { Needed } from "../model/wire";
import type { Voice } from "../voice";

export interface Told {
  readonly text: string;
  /** The language it is in. */
  readonly lang: string;
  /** What is added in the service's own words, which are English: how something fails. */
  readonly rest?: string;
}

const STATES = ["up", "unheard", "down", "silent", "flooded", "biased", "clock", "removed"];
const RULES = ["raise", "cancel", "release", "wide", "drill"];
const KINDS = ["nothing", "removed", "lost", "radar", "mesh"];

type Facts = Needed["facts"];

const stateOf = (state: string, { say }: Voice) => (STATES.includes(state) ? say(`state_${state}` as "state_down") : null);

/** Which rule asks for a second person; null: one that this page does not know. */
export const ruleOf = (rule: string, { say }: Voice) => (RULES.includes(rule) ? say(`rule_${rule}` as "rule_raise") : null);

function order({ action, level }: Facts, { say, level: levelled }: Voice): string {
  if (action === "raise") return say("raised", { level: levelled(String(level)) });
  return action === "cancel" ? say("cancelled") : say(`verb_${action}` as "verb_release");
}

/** Why we may be blind; null: for something that this page does not know. */
function blindnessOf({ kind, failed, count, states }: Blindness, voice: Voice): string | null {
  const named = states.map((state) => stateOf(state, voice));
  if (!KINDS.includes(kind) || named.includes(null)) return null;
  return voice.say(`blind_${kind}`, { failed: voice.words.number(failed), count: voice.words.number(count), states: named.join(", ") });
}

function blind(facts: Facts, voice: Voice): string | null {
  const states = String(facts.states ?? "").split(" ").filter(Boolean);
  const parts = { kind: facts.blindness as Blindness["kind"], failed: Number(facts.failed), count: Number(facts.count), states };
  const why = blindnessOf(parts, voice);
  return why === null ? null : voice.say("why_blind", { why });
}

function proposal({ threat, probability, eta_earliest, eta_likely }: Facts, voice: Voice): string {
  if (typeof eta_earliest !== "string" || typeof eta_likely !== "string") return voice.say("why_proposal_bare");
  const share = voice.percent(Number(probability));
  return voice.say("why_proposal", { threat: voice.threat(String(threat)), share, earliest: voice.zoned(eta_earliest), likely: voice.zoned(eta_likely) });
}

function said({ kind, facts }: Needed, voice: Voice): string | null {
  const { say, words } = voice;
  const of = (name: string) => String(facts[name] ?? "");
  switch (kind) {
    case "approval": {
      const rule = ruleOf(of("rule"), voice);
      return rule === null ? null : say("why_approval", { order: order(facts, voice), who: of("operator"), rule });
    }
    case "proposal":
      return proposal(facts, voice);
    case "ends":
      return say("why_ends", { order: order(facts, voice), who: of("operator") });
    case "one_source":
      return facts.sensor === null ? say("why_one_report", { track: of("track") }) : say("why_one_sensor", { track: of("track"), sensor: of("sensor") });
    case "growing":
      return say("why_growing", { share: voice.percent(Number(facts.probability)) });
    case "neighbour":
      return say("why_neighbour", { sources: of("sources") });
    case "blind":
      return blind(facts, voice);
    case "minutes": {
      const figures = { people: words.number(Number(facts.people)), share: voice.percent(Number(facts.share)), count: words.number(Number(facts.sensors)) };
      return say("why_minutes", { ...figures, threat: voice.threat(of("threat")) });
    }
    case "sensor": {
      const state = stateOf(of("state"), voice);
      return state === null ? null : say("why_sensor", { name: of("name"), state });
    }
    case "channel":
      return say(facts.state === "silent" ? "why_channel_silent" : "why_channel", { name: of("name") });
    case "canary":
    case "source":
      return say(`why_${kind}`, { name: of("name") });
    default:
      return null;
  }
}

/** The reason. English is the service's own. */
export function whyOf(needed: Needed, voice: Voice): Told {
  const { language } = voice.words;
  const own = language === "en" ? null : said(needed, voice);
  if (own === null) return { text: needed.why, lang: "en" };
  const { said: rest } = needed.facts;
  return { text: own, lang: language, ...(typeof rest === "string" && { rest }) };
}

/** What happens where nobody decides; empty: nothing that is known. */
export function otherwiseOf(needed: Needed, voice: Voice): Told {
  const { words, say } = voice;
  const key = needed.kind === "ends" ? (needed.facts.action === "raise" ? "ends_raise" : "ends_cancel") : needed.kind;
  const known = ["approval", "proposal", "growing", "ends_raise", "ends_cancel"].includes(key);
  if (words.language === "en" || needed.otherwise === "" || !known) return { text: needed.otherwise, lang: "en" };
  return { text: say(`otherwise_${key}` as "otherwise_approval"), lang: words.language };
}

const inOwn = (text: string | null, otherwise: string, { words }: Voice): Told =>
  text === null || words.language === "en" ? { text: otherwise, lang: "en" } : { text, lang: words.language };

/** Why something holds a warning. An officer's reason is his own, in whatever language he wrote it. */
export function holdOf({ by, level, why, lingers }: Hold, voice: Voice): Told {
  const { say } = voice;
  if (by === "officer") return { text: why, lang: "" };
  const key = by === "sensors" && lingers ? "lingers" : by === "reports" && level === "prepare" ? "report" : by;
  return inOwn(["sensors", "lingers", "impact", "neighbour", "reports", "report"].includes(key) ? say(`held_${key}`) : null, why, voice);
}

/** What an all clear waits for. */
export function clearingOf({ reachable, blind: unseen, earliest, why }: Clearing, blindness: Blindness | null, voice: Voice): Told {
  const { say } = voice;
  if (reachable) return inOwn(say("clear_reachable"), why, voice);
  if (unseen) {
    const reason = blindness === null ? null : blindnessOf(blindness, voice);
    return inOwn(reason === null ? null : say("why_blind", { why: reason }), why, voice);
  }
  return inOwn(say(earliest === null ? "clear_officer" : "clear_quiet"), why, voice);
}

/** Why we may be blind in a zone; null: we are not. */
export function blindOf({ degraded_reason, blindness }: Evidence, voice: Voice): Told | null {
  if (degraded_reason === null) return null;
  return inOwn(blindness === null ? null : blindnessOf(blindness, voice), degraded_reason, voice);
}
