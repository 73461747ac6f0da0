// The operators' picture: taken whole, then changed second by second.

import type { Change, Picture } from "./wire";

/** A message that cannot be understood, or that does not follow the picture it changes. */
export class BadPicture extends Error {}

/** A sign of life where nothing has changed: the service's time, and that of its newest decision. */
export type Pulse = Pick<Picture, "now" | "time">;

function fieldsIn(text: string): Record<string, unknown> {
  const found: unknown = JSON.parse(text);
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw new BadPicture("not an object");
  const fields = found as Record<string, unknown>;
  if (typeof fields.now !== "string" || Number.isNaN(Date.parse(fields.now))) throw new BadPicture("now is missing");
  return fields;
}

export function readPicture(text: string): Picture {
  const fields = fieldsIn(text);
  if (typeof fields.seq !== "number") throw new BadPicture("seq is missing");
  for (const name of ["tracks", "sensors", "zones", "standing", "waiting", "channels", "decisions"]) {
    if (!Array.isArray(fields[name])) throw new BadPicture(`${name} is missing`);
  }
  return fields as unknown as Picture;
}

export function readChange(text: string): Change {
  const fields = fieldsIn(text);
  if (typeof fields.seq !== "number" || typeof fields.after !== "number") throw new BadPicture("seq or after is missing");
  return fields as unknown as Change;
}

export function readPulse(text: string): Pulse {
  const { now, time } = fieldsIn(text) as unknown as Pulse;
  return { now, time: time ?? null };
}

export const pulsedPicture = (picture: Picture, pulse: Pulse): Picture => ({ ...picture, ...pulse });

function merged<T>(old: readonly T[], changed: readonly T[] = [], gone: readonly string[] = [], key: (one: T) => string): readonly T[] {
  if (changed.length === 0 && gone.length === 0) return old;
  const all = new Map(old.map((one) => [key(one), one]));
  for (const id of gone) all.delete(id);
  for (const one of changed) all.set(key(one), one);
  return [...all.values()];
}

/** The picture after a change. Raises BadPicture where it changes another picture: one was missed. */
export function changedPicture(picture: Picture, change: Change): Picture {
  if (change.after !== picture.seq) throw new BadPicture(`a change of picture ${change.after}, not of ${picture.seq}`);
  const { after: _, tracks_gone, sensors_gone, zones_gone, tracks, sensors, zones, ...rest } = change;
  return {
    ...picture,
    ...rest,
    tracks: merged(picture.tracks, tracks, tracks_gone, (one) => one.id),
    sensors: merged(picture.sensors, sensors, sensors_gone, (one) => one.id),
    zones: merged(picture.zones, zones, zones_gone, (one) => one.zone),
  };
}
