// What exactly an act does, in sentences, before it is done. An officer must never have to guess.

import type { Settings } from "../model/asked";
import type { Zones } from "../../shared/model/outlines";
import { peopleIn } from "../map/geometry";
import type { Voice } from "../voice";
import type { Asked, Filled } from "./asked";
import { ruleFor } from "./second";

export interface Scene {
  readonly zones: Zones;
  readonly drill: boolean;
  readonly nowMs: number;
  readonly settings: Settings | null;
  readonly channels: number;
  /** What everybody is told along with it; empty: nothing of the officer's own. */
  readonly told: string;
}

/** The people that an act concerns, each counted once. */
export const people = (asked: Asked, zones: Zones) => peopleIn(asked.zones, zones);

function deed(asked: Asked, filled: Filled, scene: Scene, voice: Voice): string {
  const { say, words } = voice;
  const fill = {
    zones: voice.zones(asked.zones, scene.zones),
    people: words.number(people(asked, scene.zones)),
    level: voice.level(filled.level),
  };
  const ends = filled.lastsS === null ? "" : voice.zoned(scene.nowMs + 1000 * filled.lastsS);
  switch (asked.do) {
    case "raise":
      return filled.lastsS === null
        ? say("do_raise_open", fill)
        : say("do_raise", { ...fill, time: words.duration(filled.lastsS), ends });
    case "extend": {
      const level = voice.level(asked.standing.level ?? "take_cover");
      return filled.lastsS === null ? say("do_extend_open", { ...fill, level }) : say("do_extend", { ...fill, level, ends });
    }
    case "approve": {
      const { waiting } = asked;
      const level = waiting.level === null ? "" : voice.level(waiting.level);
      return say(`approve_${waiting.action}`, { ...fill, level, who: waiting.operator });
    }
    case "retract":
      return say(`do_retract_${filled.whose}`, fill);
    default:
      return say(`do_${asked.do}`, fill);
  }
}

/** The sentences, the first of them the deed itself. */
export function statement(asked: Asked, filled: Filled, scene: Scene, voice: Voice): string[] {
  const { say, words } = voice;
  const said = [deed(asked, filled, scene, voice)];
  const heads = people(asked, scene.zones);
  const held = ruleFor(asked.do, asked.zones.length, heads, scene.settings);
  if (held !== null) said.push(say("waits_second", { time: words.duration(scene.settings?.waits_s ?? 0) }));
  else if (asked.do !== "release" && asked.do !== "extend") said.push(say("told_at_once", { channels: words.number(scene.channels) }));
  if (scene.told !== "") said.push(say("told_text", { text: scene.told }));
  said.push(say(scene.drill ? "is_drill" : "is_real"));
  return said;
}
