// How the console speaks: the chosen language's words, and times as they are read at a desk.

import type { Say, Words } from "../shared/i18n";
import type { ConsoleKey } from "../shared/i18n/console";
import { nameOf, type Zones } from "../shared/model/outlines";

export interface Voice {
  readonly words: Words;
  readonly say: Say<ConsoleKey>;
  /** Hours, minutes, seconds, where the officer sits. */
  time(at: string | number | null): string;
  /** With day and zone, for what is not of tonight, and for whoever reads it elsewhere. */
  full(at: string | number): string;
  /** Hours and minutes with the zone, such as "03:12 CET". */
  zoned(at: string | number): string;
  /** With the year, for what may be of any: UTC, as the ledger resolves times. */
  dated(at: string | number): string;
  percent(share: number): string;
  /** "2:31", or nothing where there is no such time. */
  left(at: string | null, nowMs: number): string;
  level(level: string): string;
  threat(threat: string | null): string;
  /** "Brim, Cole and 3 more". */
  zones(ids: readonly string[], zones: Zones, count?: number): string;
}

const LEVELS = ["take_cover", "prepare", "all_clear", "none"];
const THREATS = ["jet", "helicopter", "drone", "cruise_missile", "ballistic_missile", "rocket", "aircraft"];
const NAMED_MAX = 3;

const msOf = (at: string | number) => (typeof at === "number" ? at : Date.parse(at));

export function voiceOf(words: Words, say: Say<ConsoleKey>): Voice {
  const { language } = words;
  const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const zoned = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" });
  const full = new Intl.DateTimeFormat(language, {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });
  const dated = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const list = new Intl.ListFormat(language, { type: "unit", style: "long" });
  return {
    words,
    say,
    time: (at) => (at === null ? "–" : time.format(msOf(at))),
    full: (at) => full.format(msOf(at)),
    zoned: (at) => zoned.format(msOf(at)),
    dated: (at) => `${dated.format(msOf(at))} UTC`,
    percent: (share) => percent.format(share),
    left: (at, nowMs) => (at === null ? "" : words.clock(Math.max(0, Math.floor((msOf(at) - nowMs) / 1000)))),
    level: (level) => words.say(LEVELS.includes(level) ? (`level_${level}` as "level_none") : "level_unknown"),
    threat: (threat) => {
      if (threat !== null && THREATS.includes(threat)) return words.say(`threat_${threat}` as "threat_jet");
      return say(threat === "civil" ? "threat_civil" : "threat_unknown");
    },
    zones: (ids, zones, count = ids.length) => {
      const names = ids.slice(0, count > NAMED_MAX ? NAMED_MAX - 1 : NAMED_MAX).map((id) => nameOf(zones.get(id), id, language).text);
      const listed = list.format(names);
      const more = count - names.length;
      return more > 0 ? say("and_more", { names: listed, count: words.number(more) }) : listed;
    },
  };
}
