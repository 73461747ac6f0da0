// Where this device is: by satellites, unless they are jammed or silent; else the place that was chosen.

import { useEffect, useState } from "preact/hooks";
import { boxAround, type Zones } from "../../shared/model/outlines";
import * as kept from "./kept";
import type { Place } from "./report";

// Beyond this far from all zones, in degrees, a position is more likely jammed than true.
const AROUND_DEG = 1;
const ACCURACY_MAX_M = 2_000;
const WAIT_MS = 20_000;

export interface Position {
  readonly kind: "waiting" | "known" | "none" | "odd" | "chosen";
  readonly place: Place | null;
  /** Choose a place; null: go by satellites again. */
  readonly choose: (place: Place | null) => void;
}

/** Whether a place can be where somebody stands who reports here. */
export function likely({ lat, lon, accuracy_m }: Place, zones: Zones): boolean {
  const box = boxAround(zones.values());
  if (accuracy_m > ACCURACY_MAX_M) return false;
  if (box === null) return true;
  const [west, south, east, north] = box;
  return lon > west - AROUND_DEG && lon < east + AROUND_DEG && lat > south - AROUND_DEG && lat < north + AROUND_DEG;
}

export function usePosition(zones: Zones): Position {
  const [seen, setSeen] = useState<Place | null>(null);
  const [failed, setFailed] = useState(!("geolocation" in navigator));
  const [chosen, setChosen] = useState<Place | null>(null);
  useEffect(() => {
    kept.read("place").then(setChosen, () => undefined);
    if (!("geolocation" in navigator)) return;
    const watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        setFailed(false);
        setSeen({ lat: coords.latitude, lon: coords.longitude, accuracy_m: Math.round(coords.accuracy) });
      },
      () => setFailed(true),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 60_000 },
    );
    return () => navigator.geolocation.clearWatch(watch);
  }, []);
  const choose = (place: Place | null) => {
    setChosen(place);
    // Erased with the rest; null is none.
    kept.write("place", place as Place).catch(() => undefined);
  };
  if (chosen !== null) return { kind: "chosen", place: chosen, choose };
  if (seen !== null) return likely(seen, zones) ? { kind: "known", place: seen, choose } : { kind: "odd", place: null, choose };
  return { kind: failed ? "none" : "waiting", place: null, choose };
}
