// Small parts used in several places.

import { useWords } from "../context";
import type { Key } from "../../shared/i18n";
import type { ZoneState } from "../../shared/model/messages";
import { nameOf, type Zones } from "../../shared/model/outlines";
import type { Word } from "../../shared/model/trust";
import { countdown } from "../../shared/model/urgency";
import { Icon } from "./icons";

export const levelKey = (word: Word | "degraded"): Key => `level_${word}`;

/** The level as an icon and a word on its colour. */
export function Badge({ word }: { word: Word | "degraded" }) {
  const words = useWords();
  return (
    <span class={`badge on-${word}`}>
      <Icon word={word} />
      {words.say(levelKey(word))}
    </span>
  );
}

export function ZoneName({ id, zones }: { id: string; zones: Zones }) {
  const name = nameOf(zones.get(id), id, useWords().language);
  return <bdi lang={name.lang}>{name.text}</bdi>;
}

/** "2:31" to the earliest arrival, then "now". Silent for screen readers: it would never stop talking. */
export function Clock({ state, nowMs }: { state: ZoneState; nowMs: number }) {
  const words = useWords();
  const left = countdown(state, nowMs);
  if (left === null) return null;
  if (left.kind === "unknown") return <span class="clock words">{words.say("time_unknown")}</span>;
  if (left.kind === "now") return <span class="clock words">{words.say("now")}</span>;
  return (
    <span class="clock" role="timer" aria-live="off" dir="ltr">
      {words.clock(left.seconds)}
    </span>
  );
}

export function ThreatName({ state }: { state: ZoneState }) {
  const words = useWords();
  const known = ["jet", "helicopter", "drone", "cruise_missile", "ballistic_missile", "rocket", "aircraft"];
  if (state.threat === null || !known.includes(state.threat)) return null;
  return <span class="threat">{words.say(`threat_${state.threat}` as Key)}</span>;
}
