// Whether an act will wait for a second person, said before it is sent. The service decides; this only foretells.

import type { Settings } from "../model/asked";
import type { Doing } from "./asked";

const ACTIONS: Partial<Record<Doing, string>> = { raise: "raise", extend: "raise", cancel: "cancel", retract: "cancel", release: "release" };

export function waits(doing: Doing, zones: number, people: number, settings: Settings | null): boolean {
  const action = ACTIONS[doing];
  if (action === undefined || settings === null) return false;
  const { second_person, wide_zones, wide_people } = settings;
  return second_person.includes(action) || (second_person.includes("wide") && (zones > wide_zones || people > wide_people));
}
