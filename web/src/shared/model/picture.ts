// The picture: how every zone stood when the service last told us.

import type { Pulse, WholeState, ZoneState, ZonesChange } from "./messages";

export interface Picture {
  readonly seq: number;
  readonly drill: boolean;
  readonly degraded: boolean;
  readonly pictureAtMs: number | null;
  readonly zones: ReadonlyMap<string, ZoneState>;
}

export function wholePicture(state: WholeState): Picture {
  return {
    seq: state.seq,
    drill: state.drill || state.zones.some((zone) => zone.drill),
    degraded: state.degraded,
    pictureAtMs: state.pictureAtMs,
    zones: new Map(state.zones.map((zone) => [zone.zone, zone])),
  };
}

/** The picture after a change. A change older than the picture is the past and alters nothing. */
export function changedPicture(picture: Picture, change: ZonesChange): Picture {
  if (change.seq < picture.seq) return picture;
  const zones = new Map(picture.zones);
  for (const zone of change.zones) zones.set(zone.zone, zone);
  return {
    seq: change.seq,
    drill: picture.drill || change.zones.some((zone) => zone.drill),
    degraded: change.degraded,
    pictureAtMs: change.pictureAtMs,
    zones,
  };
}

export function pulsedPicture(picture: Picture, pulse: Pulse): Picture {
  return { ...picture, degraded: pulse.degraded, pictureAtMs: pulse.pictureAtMs };
}

/**
 * Ids of the zones where the service may be blind. A service that calls itself degraded without saying where may be
 * blind anywhere, so then it is all of them.
 */
export function blindZones(picture: Picture): ReadonlySet<string> {
  let named = blind.get(picture.zones);
  if (named === undefined) {
    named = new Set([...picture.zones.values()].filter((zone) => zone.degraded).map((zone) => zone.zone));
    blind.set(picture.zones, named);
  }
  return picture.degraded && named.size === 0 ? new Set(picture.zones.keys()) : named;
}

// Asked for several times a second, of a thousand zones that seldom change.
const blind = new WeakMap<Picture["zones"], ReadonlySet<string>>();
