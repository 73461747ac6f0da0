// Which rule makes an act wait for a second person, said before it is sent. The service decides; this only foretells.

import type { Settings } from "../model/asked";
import type { Doing } from "./asked";

const ACTIONS: Partial<Record<Doing, string>> = { raise: "raise", extend: "raise", cancel: "cancel", retract: "cancel", release: "release" };

/** Which rule makes an act wait; null: none does. */
export function ruleFor(doing: Doing, zones: number, people: number, settings: Settings | null): string | null {
  const action = ACTIONS[doing];
  if (action === undefined || settings === null) return null;
  const { second_person, wide_zones, wide_people } = settings;
  if (second_person.includes(action)) return action;
  return second_person.includes("wide") && (zones > wide_zones || people > wide_people) ? "wide" : null;
}
