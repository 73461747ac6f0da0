// Which zones touch which.

import type { Zones } from "./outlines";

const NEXT = new WeakMap<Zones, ReadonlyMap<string, ReadonlySet<string>>>();

/** The zones that touch each, by id: borders that are common to two are drawn with the same corners. */
function touching(zones: Zones): ReadonlyMap<string, ReadonlySet<string>> {
  const corners = new Map<string, Set<string>>();
  for (const { id, polygons } of zones.values()) {
    for (const corner of polygons.flat(2)) corners.set(`${corner}`, (corners.get(`${corner}`) ?? new Set()).add(id));
  }
  const next = new Map<string, Set<string>>();
  for (const ids of corners.values()) {
    if (ids.size > 1) for (const id of ids) next.set(id, new Set([...(next.get(id) ?? []), ...ids]));
  }
  return next;
}

/** The zones beside some, none of these themselves. */
export function beside(ids: readonly string[], zones: Zones): string[] {
  const next = NEXT.get(zones) ?? touching(zones);
  NEXT.set(zones, next);
  return [...new Set(ids.flatMap((id) => [...(next.get(id) ?? [])]))].filter((id) => !ids.includes(id));
}
