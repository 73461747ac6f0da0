// The minutes of warning, as the service tells them to planners: /v1/console/minutes

import type { Zones } from "../../shared/model/outlines";
import type { Time } from "./wire";

/** What attacks of one class leave the people of a zone; null: none can come. */
export interface Left {
  readonly tracked_least_s: number | null;
  readonly tracked_median_s: number | null;
  readonly told_median_s: number | null;
  readonly could: number | null;
}

export interface ZoneMinutes {
  readonly zone: string;
  readonly usual: Left;
  /** Left out where it is as usual. */
  readonly now?: Left;
}

export interface ClassMinutes {
  readonly threat: string;
  readonly enough_usual: number;
  readonly enough_now: number;
  readonly zones: readonly ZoneMinutes[];
}

/** GET /v1/console/minutes */
export interface Minutes {
  readonly since: Time;
  readonly lost: readonly string[];
  readonly classes: readonly ClassMinutes[];
}

export interface Row {
  readonly zone: string;
  readonly usual: Left;
  readonly now: Left;
  /** Whether it is other than usual. */
  readonly changed: boolean;
  /** People who usually could be in shelter in time, and cannot now. */
  readonly fewer: number;
}

/** Of the zones that the class can reach, the share of people who could not be in shelter in time now. */
export function lackingOf({ zones }: ClassMinutes): ReadonlyMap<string, number> {
  return new Map(zones.flatMap(({ zone, usual, now = usual }) => (now.could === null ? [] : [[zone, 1 - now.could] as const])));
}

/** The zones that the class can reach: where most people lost their minutes first, then who has fewest of them. */
export function rowsOf(one: ClassMinutes, zones: Zones): Row[] {
  const rows = one.zones
    .map(({ zone, usual, now = usual }) => {
      const people = zones.get(zone)?.population ?? 0;
      return { zone, usual, now, changed: now !== usual, fewer: Math.max(0, (usual.could ?? 0) - (now.could ?? 0)) * people };
    })
    .filter(({ usual, now }) => usual.could !== null || now.could !== null);
  return rows.sort(
    (a, b) =>
      b.fewer - a.fewer ||
      Number(b.changed) - Number(a.changed) ||
      (a.now.tracked_least_s ?? Infinity) - (b.now.tracked_least_s ?? Infinity) ||
      (a.now.could ?? 1) - (b.now.could ?? 1) ||
      (a.zone < b.zone ? -1 : 1),
  );
}
